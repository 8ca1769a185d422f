# frozen_string_literal: true

module Inotify
  module CLI
    # What options take.
    # @api private
    module Values
      # As many descriptors as a process may have anywhere, and as long as a wait may be.
      LARGEST = (2**31) - 1
      private_constant :LARGEST

      module_function

      # @return [Float] seconds
      def seconds(option, text)
        seconds = Float(text, exception: false)
        return seconds if seconds&.between?(0, LARGEST)

        raise Failure.usage("#{option} takes seconds, such as 0.5, not #{text.inspect}")
      end

      # @return [Integer] 1 or more
      def count(option, text)
        number = Integer(text, 10, exception: false)
        return number if number&.between?(1, LARGEST)

        raise Failure.usage("#{option} takes a number, 1 or more, not #{text.inspect}")
      end

      # @return [Integer] of a descriptor
      def descriptor(option, text)
        number = Integer(text, 10, exception: false)
        return number if number&.between?(1, LARGEST)

        raise Failure.usage("#{option} takes the number of an open descriptor, such as 3, not #{text.inspect}")
      end

      # @return [Array<Symbol>] those of a list such as `created,deleted`
      def types(option, text)
        types = text.split(",").map { |type| type.strip.downcase.tr("-", "_").to_sym }
        return types unless types.empty?

        raise Failure.usage("#{option} takes a list such as created,deleted, not #{text.inspect}")
      end

      # @return [String] one of the words
      def word(option, text, words)
        return text if words.include?(text)

        raise Failure.usage("#{option} takes one of #{words.join(", ")}, not #{text.inspect}")
      end

      # @return [String] a signal's name, such as `TERM`
      def signal(option, text)
        name = text.upcase.delete_prefix("SIG")
        name = Signal.signame(Integer(text, 10)) || name if text.match?(/\A\d{1,3}\z/)
        return name if Signal.list.key?(name) && name != "EXIT"

        raise Failure.usage("#{option} takes a signal's name, such as TERM, not #{text.inspect}")
      end

      # @return [String] in the encoding of the locale, or UTF-8 where that is ASCII alone
      def text(_option, text)
        locale = Encoding.find("locale")
        locale == Encoding::US_ASCII ? Names.utf8(text) : text.dup.force_encoding(locale)
      end
    end
  end
end
