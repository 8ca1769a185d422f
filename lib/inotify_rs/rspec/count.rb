# frozen_string_literal: true

module Inotify
  module RSpec
    # How often something is expected.
    # @api private
    class Count
      WORDS = { once: 1, twice: 2, thrice: 3 }.freeze
      private_constant :WORDS

      # @param kind [Symbol] `:exactly`, `:at_least` or `:at_most`
      # @param number [Integer, Symbol] or `:once`, `:twice`, `:thrice`
      # @raise [ArgumentError] anything else
      def initialize(kind, number)
        @kind = kind
        @number = WORDS.fetch(number, number)
        raise ArgumentError, "#{kind} takes a number such as 2 or :twice, not #{number.inspect}" unless
          @number.is_a?(Integer) && !@number.negative?
      end

      def match?(number)
        case @kind
        when :exactly then number == @number
        when :at_least then number >= @number
        when :at_most then number <= @number
        end
      end

      # @return [String] `at least twice`
      def to_s
        "#{@kind.to_s.tr("_", " ")} #{WORDS.key(@number) || "#{@number} times"}"
      end
    end
    private_constant :Count
  end
end
