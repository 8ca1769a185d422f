# frozen_string_literal: true

module Inotify
  module Internal
    # What `poll:` may be: seconds, nil, `:always` or `[:always, seconds]`.
    # @api private
    module Poll
      # Seconds between two scans unless the program says otherwise.
      INTERVAL = 1.0
      # A longer interval, in seconds, has no end; a shorter one is none.
      RANGE = (0.001..(2**32))
      private_constant :RANGE

      module_function

      # @param poll [Numeric, Symbol, Array, nil, false]
      # @return [Hash{Symbol => Object}] `poll`: the interval in seconds, nil: nothing is polled; `poll_always`: whether
      #   everything is
      # @raise [ArgumentError] anything else
      def options(poll)
        case poll
        in nil | false then { poll: nil, poll_always: false }
        in :always then { poll: INTERVAL, poll_always: true }
        in [:always, Numeric => interval] if interval?(interval) then { poll: seconds(interval), poll_always: true }
        in Numeric if interval?(poll) then { poll: seconds(poll), poll_always: false }
        else raise ArgumentError,
                   "poll must be seconds, more than 0, :always, [:always, seconds] or nil, not #{poll.inspect}"
        end
      end

      # @return [Boolean] whether it is more than 0 seconds
      def interval?(number) = number.real? && number.positive?

      # @return [Float]
      def seconds(number) = number.to_f.clamp(RANGE)
    end
  end
end
