# frozen_string_literal: true

module Inotify
  module CLI
    # Reads arguments as getopt_long(3) does: `-qd0.1`, `-d 0.1`, `--debounce=0.1`, `--deb 0.1`, among the paths, or
    # only before them where POSIXLY_CORRECT is set. A start with OptionParser takes half as long again.
    # @api private
    class Parser
      # @param options [Array<Option>] the known ones
      def initialize(options)
        @options = options
      end

      # Yields the key and the value of each option.
      #
      # @param arguments [Array<String>]
      # @return [Array<String>] those that are no options
      # @raise [Failure] an option is unknown or ambiguous, has no value or one that it does not accept
      def parse(arguments, &block)
        @words = arguments.dup
        others = []
        until @words.empty? || (others.any? && ENV.key?("POSIXLY_CORRECT"))
          word = @words.shift
          word.match?(/\A-./n) ? option(word, &block) : others << word
        end
        others + @words
      end

      private

      # Each way to write an option, with the option and its value unless it takes one.
      def forms
        @forms ||= @options.each_with_object({}) do |option, forms|
          option.forms.each { |form, value| forms[form] = [option, value] }
        end
      end

      def option(word, &block)
        word.start_with?("--") ? long(word, &block) : short(word.delete_prefix("-"), &block)
      end

      def long(word)
        name, equals, text = word.partition("=")
        option, value = find(name.tr("_", "-"))
        unless equals.empty?
          raise Failure.usage("needless argument: #{word}") unless option.takes

          value = text
        end
        yield option.key, option.convert(option.takes && equals.empty? ? next_word(name) : value)
      end

      # Where a name is not known, it may be the beginning of one.
      def find(name)
        forms.fetch(name) do
          found = forms.keys.select { |form| form.start_with?(name) && name.size > 2 }
          raise unknown(name, suggestion(name)) if found.empty?
          raise Failure.usage("ambiguous option: #{name} (#{found.join(", ")})") if found.size > 1

          forms.fetch(found.first)
        end
      end

      def short(letters)
        until letters.empty?
          name = "-#{letters.slice!(0)}"
          option, value = forms.fetch(name) { raise unknown(name) }
          return yield(option.key, option.convert(letters.empty? ? next_word(name) : letters)) if option.takes
          raise Failure.usage("needless argument: #{name}#{letters}") if letters.start_with?("=")

          yield option.key, value
        end
      end

      def next_word(name) = @words.shift || raise(Failure.usage("missing argument: #{name}"))

      def unknown(name, suggestion = nil)
        Failure.usage("invalid option: #{name}#{"; did you mean #{suggestion}?" if suggestion}")
      end

      # Ruby may have been started without its spell checker.
      def suggestion(name)
        DidYouMean::SpellChecker.new(dictionary: forms.keys).correct(name).first if defined?(DidYouMean::SpellChecker)
      end
    end
  end
end
