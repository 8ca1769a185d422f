# frozen_string_literal: true

module Inotify
  module CLI
    # An option.
    # @api private
    class Option
      # How wide the column of names is in `--help`.
      COLUMN = 23
      private_constant :COLUMN

      # Converts the values of options. Each method takes the name of the option and what the user wrote.
      # @api private
      module Values
        # As many descriptors as a process may have anywhere, and as many seconds as a wait may take.
        LARGEST = (2**31) - 1
        # The kernel or Ruby keeps these for itself.
        UNCATCHABLE = %w[KILL STOP SEGV BUS ILL FPE VTALRM].freeze
        private_constant :LARGEST, :UNCATCHABLE

        module_function

        # @return [Float] seconds
        def seconds(option, text)
          seconds = Float(text, exception: false)
          seconds&.between?(0, LARGEST) ? seconds : reject(option, "seconds, such as 0.5", text)
        end

        # @return [Integer] 1 or more
        def count(option, text) = number(text) || reject(option, "a number, 1 or more", text)

        # @return [Integer] the number of a descriptor
        def descriptor(option, text)
          number(text) || reject(option, "the number of an open descriptor, such as 3", text)
        end

        # @return [Array<String>] patterns for a list such as `rb,erb`
        def extensions(option, text)
          list = text(option, text).split(",").map { |name| name.strip.delete_prefix(".") }
          return list.map { |name| "*.#{name}" } if list.any? && list.none?(&:empty?)

          reject(option, "a list such as rb,erb", text)
        end

        # @return [Array<String>] the patterns in a file that is written like a .gitignore
        def lines(option, text)
          File.binread(text).lines(chomp: true).reject { |line| line.strip.empty? || line.start_with?("#") }
              .map { |line| line.sub(/(?<!\\)\s+\z/, "") }
        rescue SystemCallError => e
          raise Failure, "#{option}: #{Failure.text(e)}"
        end

        # @return [String]
        def path(option, text)
          text.empty? ? reject(option, "a path", text) : text.dup.force_encoding(Encoding.find("filesystem"))
        end

        # @return [Array<String>] the paths in a file
        def paths(option, text)
          list = text == "-" ? $stdin.binmode.read : File.binread(text)
          list.split(list.include?("\0") ? "\0" : "\n").reject(&:empty?).map { |path| path(option, path) }
        rescue SystemCallError => e
          raise Failure, "#{option}: #{Failure.text(e)}"
        end

        # @return [Array<Array(String, String)>] a name and its value
        def variable(option, text)
          name, value = text.split("=", 2)
          value && !name.empty? ? [[name, value]] : reject(option, "NAME=VALUE", text)
        end

        # @return [Array<Array(String, String)>] the names of two signals; the second may be nil
        def signals(option, text)
          from, to = text.split(":", 2)
          reject(option, "two signals, such as TERM:INT", text) unless to
          from = signal(option, from)
          reject(option, "a signal that can be caught", from) if UNCATCHABLE.include?(from)
          [[from, (signal(option, to) unless to.empty?)]]
        end

        # @return [Array<Symbol>] the types of a list such as `created,deleted`
        def types(option, text)
          types = text.split(",").map { |type| type.strip.downcase.tr("-", "_").to_sym }
          types.empty? ? reject(option, "a list such as created,deleted", text) : types
        end

        # @return [String] one of the words
        def word(option, text, words)
          words.include?(text) ? text : reject(option, "one of #{words.join(", ")}", text)
        end

        # @return [String] the name of a signal, such as `TERM`
        def signal(option, text)
          name = text.upcase.delete_prefix("SIG")
          name = Signal.signame(Integer(text, 10)) || name if text.match?(/\A\d{1,3}\z/)
          Signal.list.key?(name) && name != "EXIT" ? name : reject(option, "a signal's name, such as TERM", text)
        end

        # @return [String] in the encoding of the locale, or in UTF-8 where that is only ASCII
        def text(_option, text)
          locale = Encoding.find("locale")
          locale == Encoding::US_ASCII ? Text.utf8(text) : text.dup.force_encoding(locale)
        end

        def number(text) = Integer(text, 10, exception: false)&.then { |it| it if it.between?(1, LARGEST) }

        def reject(option, what, text)
          raise Failure.usage("#{option} takes #{what}, not #{text.inspect}")
        end
        private_class_method :number, :reject
      end

      # @return [Array<String>] the ways to write it, as in `--help`
      attr_reader :names
      # @return [Symbol, nil] the method of {Values} for its value
      attr_reader :takes
      # @return [Array<String>, nil] the only words that it accepts
      attr_reader :words
      # @return [String]
      attr_reader :help

      def initialize(names, takes, words, help)
        @names = names
        @takes = takes
        @words = words
        @help = help
      end

      # @return [Symbol] its name in {Settings}
      def key = names.last[/\A--(?:\[no-\]|no-)?([a-z-]+)/, 1].tr("-", "_").to_sym

      # @return [String] `--on-busy`
      def long = names.last[/\A--(?:\[no-\])?[a-z-]+/].sub("[no-]", "")

      # @return [Hash{String => Boolean}] the ways to write it, and the value of each unless it takes one:
      #   `{"--color" => true, "--no-color" => false}`
      def forms
        names.each_with_object({}) do |name, forms|
          word = name[/\A\S+/]
          forms[word.sub("[no-]", "")] = !word.start_with?("--no-")
          forms[word.delete("[]")] = false if word.include?("[no-]")
        end
      end

      # @return [String] its lines of `--help`; names that are too long for their column have a line of their own
      def to_s
        left = names.join(", ")
        left = "    #{left}" if left.start_with?("--")
        right = help.lines(chomp: true)
        right.unshift("") if left.length > COLUMN
        right.zip([left]).map { |text, name| "  #{name.to_s.ljust(COLUMN)} #{text}".rstrip << "\n" }.join
      end

      # @param value [String, Boolean] from the command line
      # @return [Object]
      # @raise [Failure] the option does not accept this value
      def convert(value) = takes ? Values.public_send(takes, long, value, *words && [words]) : value
    end
  end
end
