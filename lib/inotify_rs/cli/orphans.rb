# frozen_string_literal: true

module Inotify
  module CLI
    # The processes that come to this one when their parents end: to the first process of a container, or a subreaper.
    # @api private
    class Orphans
      # PR_SET_CHILD_SUBREAPER, prctl(2).
      SET_SUBREAPER = 36
      private_constant :SET_SUBREAPER

      # @param adopt [Boolean] whether this process is to be a subreaper
      # @param signals [Signals]
      # @raise [Failure] it can't be
      def initialize(adopt, signals)
        @adopted = adopt
        become_subreaper if adopt
        signals.listen(["CHLD"]) if adopt || Process.pid == 1
      end

      # Waits for those that have ended, so that they do not stay as zombies.
      #
      # @param own [Array<Integer>] the pids of children that others wait for
      def reap(own)
        Orphans.children.each do |pid|
          Process.wait(pid, Process::WNOHANG) if !own.include?(pid) && ProcessGroup.stat(pid).first == "Z"
        rescue Errno::ECHILD
          # Somebody else waited for it.
        end
      end

      # @return [Boolean] whether all descendants end with COMMAND
      def adopted? = @adopted

      # @return [Array<Integer>] this process's children and theirs, those that have ended left out
      def self.descendants
        stats = Dir.each_child("/proc").grep(/\A\d+\z/).to_h { |pid| [pid.to_i, ProcessGroup.stat(pid)] }
        children = stats.keys.group_by { |pid| stats[pid][1].to_i }
        found = [Process.pid]
        found.each { |pid| found.concat(children.fetch(pid, [])) }
        found.drop(1).reject { |pid| %w[Z X].include?(stats[pid].first) }
      end

      # @return [Array<Integer>] pids
      def self.children
        Dir["/proc/self/task/*/children"].flat_map { |file| File.read(file).split.map(&:to_i) }
      rescue SystemCallError
        []
      end

      private

      def become_subreaper
        require "fiddle"
        types = [Fiddle::TYPE_INT, *[Fiddle::TYPE_LONG] * 4]
        prctl = Fiddle::Function.new(Fiddle::Handle::DEFAULT["prctl"], types, Fiddle::TYPE_INT)
        return if prctl.call(SET_SUBREAPER, 1, 0, 0, 0).zero?

        raise Failure, "--kill-descendants: prctl(2) failed"
      rescue LoadError
        raise Failure, "--kill-descendants needs the gem fiddle"
      end
    end
  end
end
