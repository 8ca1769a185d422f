# frozen_string_literal: true

module Inotify
  # The moment a wait ends, in the clock that no one sets.
  # @api private
  class Deadline
    # A wait as long as this, in seconds, is for ever: the kernel's clock counts in 63 bits of nanoseconds.
    LONGEST = 2**32
    private_constant :LONGEST

    # @param seconds [Numeric, nil] from now on; nil, infinity and what comes near it: never
    # @raise [ArgumentError] for a negative number and NaN
    # @raise [TypeError] for anything but a number
    def self.after(seconds)
      return NEVER if seconds.nil?
      unless seconds.is_a?(Numeric) && seconds.real?
        raise TypeError, "timeout must be a number of seconds or nil, not #{seconds.inspect}"
      end
      raise ArgumentError, "timeout must be a number of seconds, not NaN" if seconds.respond_to?(:nan?) && seconds.nan?
      raise ArgumentError, "timeout must not be negative: #{seconds}" if seconds.negative?
      return NEVER if seconds >= LONGEST

      new(now + seconds)
    end

    def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def initialize(moment)
      @moment = moment
    end

    # @return [Numeric, nil] seconds left, 0 at least; nil: no end
    def remaining
      @moment && [@moment - Deadline.now, 0].max
    end

    def passed? = @moment ? Deadline.now >= @moment : false

    NEVER = new(nil).freeze
    PAST = new(0).freeze
  end
  private_constant :Deadline
end
