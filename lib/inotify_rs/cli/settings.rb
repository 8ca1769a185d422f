# frozen_string_literal: true

module Inotify
  module CLI
    # What the arguments ask for.
    # @api private
    class Settings
      DEFAULTS = { tty: true, recursive: true, debounce: 0.05, only: [], ignore: [], default_ignore: true,
                   git_wait: true, on_busy: "queue", signal: "HUP", delay_run: 0, env: [], map_signal: [],
                   stop_signal: "TERM", stop_timeout: 5 }.freeze
      # May be given more than once.
      LISTS = %i[only ignore watch files_from env map_signal].freeze
      # Those that are other options in another form.
      FORMS = { exts: :only, ignore_file: :ignore }.freeze
      # What the kernel's own events know nothing of.
      TREES_ALONE = %i[only ignore gitignore follow_symlinks debounce initial].freeze
      # What a command's input is made of.
      FORMATS = %i[null format json].freeze
      private_constant :DEFAULTS, :LISTS, :FORMS, :TREES_ALONE, :FORMATS

      # @return [Array<String>] the paths that are watched
      attr_reader :paths
      # @return [Array<String>, nil] what is run after changes
      attr_reader :command

      # @param arguments [Array<String>] of the command line
      # @param page [Page] the options there are
      # @raise [Failure] when they make no sense
      def self.parse(arguments, page = Options::MAIN)
        values = {}
        parser = page.parser { |key, value| add(values, FORMS.fetch(key, key), value) }
        arguments, command = split(arguments)
        # As bytes: OptionParser fails on what is not valid in its encoding.
        paths = parser.parse(arguments.map(&:b)).map { |path| path.force_encoding(Encoding.find("filesystem")) }
        new(values, paths, command, parser)
      rescue OptionParser::ParseError => e
        raise Failure.usage(e.message.lines(chomp: true).join("; "))
      end

      def self.add(values, key, value)
        values[key] = LISTS.include?(key) ? [*values[key], *value] : value
      end
      private_class_method :add

      # @return [Array(Array<String>, Array<String>)] what is before `--`, and behind; nil where there is none
      def self.split(arguments)
        place = arguments.index("--")
        place ? [arguments.take(place), arguments.drop(place + 1)] : [arguments, nil]
      end
      private_class_method :split

      def initialize(values, paths, command, parser)
        @values = values
        @paths = all_paths(paths)
        @command = command
        @parser = parser
        @values[:count] ||= 1 if values[:once]
        @values[:on_busy] ||= "restart" if values[:restart]
        check unless values[:help] || values[:version]
      end

      # @param key [Symbol] of an {Options::Option}
      # @return [Object, nil] what was given, or the default
      def [](key) = @values.fetch(key) { DEFAULTS[key] }

      # @return [Boolean] whether it was given
      def given?(key) = @values.key?(key)

      # @return [Boolean] whether the standard input is a terminal that keys come from
      def keyboard? = !self[:stdin_quit] && $stdin.tty?

      # @return [Boolean] whether COMMAND gets it
      def terminal? = keyboard? && self[:tty] && !self[:stdin]

      # @return [Boolean] whether what version control and editors write for themselves is ignored
      def default_ignore? = !command.nil? && self[:default_ignore]

      # @return [String] what `--help` prints
      def help = @parser.help

      private

      def all_paths(paths)
        paths += [*self[:watch], *self[:files_from]]
        raise Failure, "--files-from: there is no path in it" if paths.empty? && given?(:files_from)

        paths.empty? ? ["."] : paths
      end

      def check
        raise Failure.usage("a PATH is empty") if paths.any?(&:empty?)

        command ? check_command : refuse(Options::RUNS.map(&:key), "needs a COMMAND: `inotify_rs PATH -- COMMAND`")
        refuse(TREES_ALONE, "does not go with --events, which tells what the kernel tells of the PATHs alone") if
          self[:events]
        refuse(%i[null format], "does not go with --json, which is a line each") if self[:json]
      end

      def check_command
        raise Failure.usage("a COMMAND is missing behind --") if command.empty? || command.first.empty?

        refuse(%i[events color output], "does not go with a COMMAND")
        refuse(FORMATS, "tells what --stdin gives to a COMMAND: add --stdin") unless self[:stdin]
      end

      def refuse(keys, reason)
        key = keys.find { |it| given?(it) }
        raise Failure.usage("--#{key.to_s.tr("_", "-")} #{reason}") if key
      end
    end
  end
end
