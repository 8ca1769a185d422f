# frozen_string_literal: true

module Inotify
  module CLI
    # The parsed arguments of the command line.
    # @api private
    class Settings
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

      DEFAULTS = { tty: true, recursive: true, debounce: 0.05, poll: 1.0, only: [], ignore: [], default_ignore: true,
                   git_wait: true, on_busy: "queue", signal: "HUP", delay_run: 0, env: [], map_signal: [],
                   stop_signal: "TERM", stop_timeout: 5 }.freeze
      # Options that may be repeated.
      LISTS = %i[only ignore watch files_from env map_signal].freeze
      # Options that are another one in another form.
      FORMS = { exts: :only, ignore_file: :ignore }.freeze
      # Options without a meaning for the kernel's own events.
      TREES_ONLY = %i[only ignore gitignore follow_symlinks debounce poll poll_always initial since].freeze
      # The formats of the input of COMMAND.
      FORMATS = %i[null format json].freeze
      private_constant :DEFAULTS, :LISTS, :FORMS, :TREES_ONLY, :FORMATS

      # @return [Array<String>] the paths to watch
      attr_reader :paths
      # @return [Array<String>, nil] the words of COMMAND
      attr_reader :command

      # @param arguments [Array<String>] of the command line
      # @param page [Options::Page] the known options
      # @raise [Failure] they are wrong
      def self.parse(arguments, page = Options::MAIN)
        values = {}
        arguments, command = split(arguments)
        # As bytes: an argument may be invalid in its encoding.
        paths = Parser.new(page.all_options).parse(arguments.map(&:b)) do |key, value|
          add(values, FORMS.fetch(key, key), value)
        end
        new(values, paths.map { |path| path.force_encoding(Encoding.find("filesystem")) }, command, page)
      end

      def self.add(values, key, value)
        values[key] = LISTS.include?(key) ? [*values[key], *value] : value
      end
      private_class_method :add

      # @return [Array(Array<String>, Array<String>)] the arguments before `--`, and those after it; nil without `--`
      def self.split(arguments)
        place = arguments.index("--")
        place ? [arguments.take(place), arguments.drop(place + 1)] : [arguments, nil]
      end
      private_class_method :split

      def initialize(values, paths, command, page)
        @values = values
        @paths = all_paths(paths)
        @command = command
        @page = page
        @values[:count] ||= 1 if values[:once]
        @values[:on_busy] ||= "restart" if values[:restart]
        check unless values[:help] || values[:version]
      end

      # @param key [Symbol] of an {Option}
      # @return [Object, nil] its value, or the default
      def [](key) = @values.fetch(key) { DEFAULTS[key] }

      # @return [Boolean] whether it is among the arguments
      def given?(key) = @values.key?(key)

      # @return [Boolean] whether the standard input is a terminal, from which keys may be read
      def keyboard? = !self[:stdin_quit] && $stdin.tty?

      # @return [Boolean] whether COMMAND gets that terminal
      def terminal? = keyboard? && self[:tty] && !self[:stdin]

      # @return [Boolean] whether files that version control and editors write for themselves are ignored
      def default_ignore? = !command.nil? && self[:default_ignore]

      # @return [String] the text of `--help`
      def help = @page.help

      private

      def all_paths(paths)
        paths += [*self[:watch], *self[:files_from]]
        raise Failure, "--files-from: the file has no paths" if paths.empty? && given?(:files_from)

        paths.empty? ? ["."] : paths
      end

      def check
        raise Failure.usage("a PATH is empty") if paths.any?(&:empty?)

        command ? check_command : refuse(Options::RUNS.map(&:key), "needs a COMMAND: `inotify_rs PATH -- COMMAND`")
        refuse(TREES_ONLY, "cannot be used with --events, the kernel's own events of the PATHs") if
          self[:events]
        refuse(%i[null format], "cannot be used with --json") if self[:json]
        refuse(%i[initial], "cannot be used with --since, which begins with what changed") if self[:since]
        check_poll
      end

      def check_poll
        refuse(%i[poll_always], "cannot be used with --no-poll") unless self[:poll]
        refuse(%i[poll], "takes more than 0 seconds") unless !self[:poll] || self[:poll].positive?
      end

      def check_command
        raise Failure.usage("a COMMAND is missing after --") if command.empty? || command.first.empty?

        refuse(%i[events color output], "cannot be used with a COMMAND")
        refuse(FORMATS, "is for the input of COMMAND: add --stdin") unless self[:stdin]
      end

      def refuse(keys, reason)
        key = keys.find { |it| given?(it) }
        raise Failure.usage("--#{key.to_s.tr("_", "-")} #{reason}") if key
      end
    end
  end
end
