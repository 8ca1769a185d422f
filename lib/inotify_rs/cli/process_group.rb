# frozen_string_literal: true

module Inotify
  module CLI
    # The group of a {Guard}: what runs, all that it started, and what that started, but for what has left for a group
    # of its own.
    # @api private
    class ProcessGroup
      # @param id [Integer] the pid of its guard
      def initialize(id)
        @id = id
      end

      # @param name [String] of a signal
      # @return [Boolean] whether it reached a process
      def signal(name)
        Process.kill(name, -@id)
        true
      rescue SystemCallError
        # Gone, or another user's.
        false
      end

      # @return [Boolean] whether a process of it lives, beside the guard
      def alive?
        Dir.each_child("/proc").any? { |entry| entry.match?(/\A\d+\z/) && entry.to_i != @id && member?(entry) }
      end

      private

      # From proc(5), "/proc/pid/stat": `12 (name) S 1 12 9 …` with state, parent and group. What has ended is a member
      # for as long as nobody has waited for it.
      def member?(pid)
        state, _, group = File.read("/proc/#{pid}/stat").rpartition(")").last.split(" ", 4)
        group.to_i == @id && !%w[Z X].include?(state)
      rescue SystemCallError
        false
      end
    end
  end
end
