# frozen_string_literal: true

module Inotify
  module Internal
    # A moment, which the time stamps of files are compared with: by their granularity, and although somebody may have
    # set the clock since.
    # @api private
    class Moment
      # @return [Moment]
      def self.now
        new(Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond),
            Process.clock_gettime(Process::CLOCK_BOOTTIME, :nanosecond))
      end
    end
  end
end
