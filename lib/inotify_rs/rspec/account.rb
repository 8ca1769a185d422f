# frozen_string_literal: true

module Inotify
  module RSpec
    # Events as a person can read them.
    # @api private
    class Account
      # How many events are listed.
      LISTED = 50
      private_constant :LISTED

      # @param events [Array<Event>]
      def initialize(events)
        @events = events
      end

      # @return [String] a line each: `  create "/tmp/x"`
      def to_s
        return "but nothing happened" if @events.empty?

        "but this happened:\n#{lines.map { |line| "  #{line}" }.join("\n")}"
      end

      private

      # An overflow is listed wherever it came.
      def lines
        rest = @events.drop(LISTED)
        overflow = rest.find(&:q_overflow?)
        more = rest.size - (overflow ? 1 : 0)
        [*@events.first(LISTED).map { |event| line(event) }, *("and #{more} more" if more.positive?),
         *(line(overflow) if overflow)]
      end

      def line(event)
        return "q_overflow: the kernel dropped what came next" if event.q_overflow?

        flags = event.flags - [:isdir]
        "#{flags.join(", ")} #{event.path.inspect}#{" (a directory)" if event.isdir?}"
      end
    end
    private_constant :Account
  end
end
