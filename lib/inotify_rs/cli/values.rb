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

      # @return [Array<String>] patterns for a list such as `rb,erb`
      def extensions(option, text)
        list = text(option, text).split(",").map { |name| name.strip.delete_prefix(".") }
        return list.map { |name| "*.#{name}" } if list.any? && list.none?(&:empty?)

        raise Failure.usage("#{option} takes a list such as rb,erb, not #{text.inspect}")
      end

      # @return [Array<String>] the patterns in a file, as a .gitignore has them
      def lines(option, text)
        File.binread(text).lines(chomp: true).reject { |line| line.strip.empty? || line.start_with?("#") }
            .map { |line| line.sub(/(?<!\\)\s+\z/, "") }
      rescue SystemCallError => e
        raise Failure, "#{option}: #{e.message.sub(/ @ \w+ -/, " -")}"
      end

      # @return [String]
      def path(option, text)
        raise Failure.usage("#{option} takes a path, not \"\"") if text.empty?

        text.dup.force_encoding(Encoding.find("filesystem"))
      end

      # @return [Array<String>] the paths in a file
      def paths(option, text)
        list = text == "-" ? $stdin.binmode.read : File.binread(text)
        list.split(list.include?("\0") ? "\0" : "\n").reject(&:empty?).map { |path| path(option, path) }
      rescue SystemCallError => e
        raise Failure, "#{option}: #{e.message.sub(/ @ \w+ -/, " -")}"
      end

      # @return [Array<Array(String, String)>] a name and its value
      def variable(option, text)
        name, value = text.split("=", 2)
        return [[name, value]] if value && !name.empty?

        raise Failure.usage("#{option} takes NAME=VALUE, not #{text.inspect}")
      end

      # @return [Array<Array(String, String)>] two signals' names; the second may be nil
      def signals(option, text)
        from, to = text.split(":", 2)
        return [[signal(option, from), (signal(option, to) unless to.empty?)]] if to

        raise Failure.usage("#{option} takes two signals, such as TERM:INT, not #{text.inspect}")
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
