# frozen_string_literal: true

module Inotify
  module Internal
    # When a wait ends, by the clock that nobody sets.
    #
    # @!method self.after(seconds)
    #   @param seconds [Numeric, nil] from now on; nil, infinity and what comes near it: never
    #   @raise [ArgumentError] for a negative number and NaN
    #   @raise [TypeError] for anything but a number
    # @!method remaining
    #   @return [Float, nil] seconds left, 0 at least; nil: no end
    # @!method passed?
    #   @return [Boolean]
    # @api private
    class Deadline
      def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

      NEVER = after(nil)
      PAST = after(0)
    end
  end
end
