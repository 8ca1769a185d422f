# frozen_string_literal: true

module Inotify
  module CLI
    # The group of a {Guard}: what runs, all that it started, and what that started, except for what has left for a
    # group of its own.
    # @api private
    class ProcessGroup
      # Seconds between looks at whether it has ended: nobody reports it.
      LOOK = 0.03

      # From proc(5), "/proc/pid/stat": `12 (name) S 1 12 9 …` with state, parent and group.
      #
      # @param pid [Integer]
      # @return [Array<String>] state, parent and group; empty where there is no such process
      def self.stat(pid)
        File.read("/proc/#{pid}/stat").rpartition(")").last.split(" ", 4).take(3)
      rescue SystemCallError
        []
      end

      # @return [Integer] the pid of its guard
      attr_reader :id

      # @param id [Integer] the pid of its guard
      # @param adopted [Boolean] whether the descendants of this process belong to it, whatever their groups
      def initialize(id, adopted: false)
        @id = id
        @adopted = adopted
      end

      # @param name [String] of a signal
      # @return [Boolean] whether it reached a process
      def signal(name)
        adopted.each { |pid| ProcessGroup.signal(name, pid) }
        ProcessGroup.signal(name, -@id)
      end

      # @return [Boolean] whether a process of it lives, beside the guard and its helper
      def alive?
        return true if adopted.any?

        Dir.each_child("/proc").any? { |entry| entry.match?(/\A\d+\z/) && member?(entry.to_i) }
      end

      # Waits for the end of all its processes.
      #
      # @param seconds [Numeric] the longest wait
      def wait(seconds)
        deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
        sleep(LOOK) while alive? && Process.clock_gettime(Process::CLOCK_MONOTONIC) < deadline
      end

      # @return [Boolean] whether it reached the process
      def self.signal(name, pid)
        Process.kill(name, pid)
        true
      rescue SystemCallError
        # Gone, or another user's.
        false
      end

      private

      # Those of other groups.
      def adopted
        return [] unless @adopted

        Orphans.descendants.reject { |pid| ProcessGroup.stat(pid)[2].to_i == @id }
      end

      # What has ended is a member for as long as nobody has waited for it.
      def member?(pid)
        return false if [@id, Process.pid].include?(pid)

        state, _, group = ProcessGroup.stat(pid)
        group.to_i == @id && !%w[Z X].include?(state)
      end
    end
  end
end
