# frozen_string_literal: true

module Inotify
  module CLI
    # A moment, in the clock that no one sets.
    # @api private
    class Deadline
      def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

      # @param seconds [Numeric, nil] from now on; nil: never
      def initialize(seconds)
        @moment = seconds && (Deadline.now + seconds)
      end

      # @return [Numeric, nil] seconds, 0 at least; nil: never
      def remaining = @moment && [@moment - Deadline.now, 0].max

      def passed? = !@moment.nil? && Deadline.now >= @moment
    end
  end
end
