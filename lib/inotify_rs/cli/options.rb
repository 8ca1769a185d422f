# frozen_string_literal: true

require "optparse"

module Inotify
  module CLI
    # The options of the command line.
    # @api private
    module Options
      # An option: its names, the method of {Values} for its value, the words it accepts if only some, and its help.
      Option = Struct.new(:names, :takes, :words, :help) do
        # @return [Symbol] its name in {Settings}
        def key = names.last[/\A--(?:\[no-\]|no-)?([a-z-]+)/, 1].tr("-", "_").to_sym

        # @return [String] `--on-busy`
        def long = names.last[/\A--(?:\[no-\])?[a-z-]+/].sub("[no-]", "")

        # @param value [String, Boolean] from the command line
        # @return [Object]
        # @raise [Failure] the option does not accept this value
        def convert(value) = takes ? Values.public_send(takes, long, value, *words && [words]) : value
      end

      # The options of a command, with the text before and after them in `--help`.
      class Page
        # @return [String] the text before and after the options
        attr_reader :head, :tail
        # @return [Hash{String => Array<Option>}] options by titles
        attr_reader :sections

        def initialize(head:, sections:, tail:)
          @head = head
          @sections = sections
          @tail = tail
        end

        # @return [Array<Option>]
        def options = sections.values.flatten

        # Yields the key and the value of each given option.
        #
        # @return [OptionParser]
        def parser(&block)
          OptionParser.new do |parser|
            parser.banner = head
            parser.summary_width = 23
            parser.summary_indent = "  "
            sections.each { |title, options| section(parser, title, options, &block) }
            add(parser, [HELP, VERSION], &block)
            parser.separator("\n#{tail}")
          end
        end

        private

        def section(parser, title, options, &block)
          parser.separator("#{title}:")
          add(parser, options, &block)
        end

        def add(parser, options)
          options.each do |option|
            parser.on(*option.names, *option.help.lines(chomp: true)) do |value|
              yield option.key, option.convert(value)
            end
          end
        end
      end

      # Converts the values of options. Each method takes the name of the option and what the user wrote.
      module Values
        # As many descriptors as a process may have anywhere, and as many seconds as a wait may take.
        LARGEST = (2**31) - 1
        private_constant :LARGEST

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
          [[signal(option, from), (signal(option, to) unless to.empty?)]]
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

      private_class_method def self.option(*names, help, takes: nil, words: nil) = Option.new(names, takes, words, help)

      HELP = option("-h", "--help", "prints this help")
      VERSION = option("-V", "--version", "prints the version")

      FILTERS = [
        option("--only PATTERN", "only files that match, as in a .gitignore; repeatable", takes: :text),
        option("-e", "--exts LIST", "only files with these extensions, such as rb,erb", takes: :extensions),
        option("-i", "--ignore PATTERN", "ignores files and directories that match; repeatable", takes: :text),
        option("--ignore-file FILE", "ignores by the patterns in FILE; repeatable", takes: :lines),
        option("--gitignore", "ignores the same files as git"),
        option("--no-recursive", "ignores the contents of subdirectories"),
        option("--follow-symlinks", "follows symbolic links")
      ].freeze

      CHANGES = FILTERS + [
        option("-w", "--watch PATH", "the same as PATH; repeatable", takes: :path),
        option("--files-from FILE", "PATHs in lines or ended by NULs; - is stdin", takes: :paths),
        option("--no-default-ignore", "with COMMAND: includes .git and editors' own files"),
        option("--types LIST",
               "of created,modified,deleted,renamed,attributes,\nclosed,written,touched; see `inotify_rs help`",
               takes: :types),
        option("-d", "--debounce SECONDS", "seconds without changes before a batch (0.05)", takes: :seconds),
        # Before --poll, which it would define, too, without a value.
        option("--no-poll", "does not scan what inotify cannot see"),
        option("--poll SECONDS", "between scans of what inotify cannot see (1)", takes: :seconds),
        option("--poll-always", "scans everything, and watches nothing")
      ].freeze

      PRINTED = [
        option("--events", "shows the kernel's own events, only of the PATHs"),
        option("--initial", "shows existing paths first"),
        option("--format FORMAT", "such as '{time} {type} {path}'", takes: :text),
        option("--json", "prints JSON, an object in each line"),
        option("-0", "--null", "ends each path, or FORMAT, by a NUL"),
        option("--output FILE", "appends to FILE; SIGHUP opens it again", takes: :path),
        option("--[no-]color", "colours (default: on a terminal)")
      ].freeze

      ENDS = [
        option("--ready-fd N", "gets a line when watching has begun", takes: :descriptor),
        option("--once", "ends after one change, or one run for changes"),
        option("--count N", "ends after so many", takes: :count),
        option("--since FILE", "begins with what changed since FILE, and updates it", takes: :path),
        option("--timeout SECONDS", "ends then, with status 124 if there were fewer", takes: :seconds),
        option("--stdin-quit", "ends when the standard input is closed"),
        option("-q", "--quiet", "prints only errors on stderr"),
        option("-v", "--verbose", "reports why COMMAND runs, and for which paths")
      ].freeze

      RUNS = [
        option("-p", "--postpone", "waits for the first changes"),
        option("--if-content-changed", "ignores saves that leave the bytes as they were"),
        option("--no-git-wait", "does not wait for the end of git's work"),
        option("--delay-run SECONDS", "waits so long before each run", takes: :seconds),
        option("-r", "--restart", "the same as --on-busy restart"),
        option("--on-busy WHAT", "queue (default), restart, signal or ignore",
               takes: :word, words: %w[queue restart signal ignore]),
        option("--signal NAME", "sent by --on-busy signal (HUP)", takes: :signal),
        option("--stop-signal NAME", "ends COMMAND (TERM)", takes: :signal),
        option("--stop-timeout SEC", "until KILL ends COMMAND (5)", takes: :seconds),
        option("--kill-descendants", "also ends its descendants in other sessions"),
        option("--exit-with-command", "ends when COMMAND does, with its status"),
        option("--stdin", "paths as its input; see --null, --format, --json"),
        option("--no-tty", "an empty input, even in a terminal"),
        option("--shell", "COMMAND is a script for sh -c"),
        option("--env NAME=VALUE", "sets a variable for COMMAND; repeatable", takes: :variable),
        option("--workdir DIR", "runs COMMAND in DIR", takes: :path),
        option("--map-signal FROM:TO", "sends TO instead of FROM; repeatable", takes: :signals),
        option("--dry-run", "prints command lines, and runs nothing"),
        option("-c", "--clear", "clears the screen before each run"),
        option("--bell", "rings after each run"),
        option("--notify", "shows a desktop notification after each run")
      ].freeze

      MAIN = Page.new(
        head: <<~TEXT,
          Usage: inotify_rs [OPTION]... [PATH]...                  shows changes
                 inotify_rs [OPTION]... [PATH]... -- COMMAND...    runs a command
                 inotify_rs [run [RULE]...]                        runs .inotify_rs.yml
                 inotify_rs init                                   writes .inotify_rs.yml
                 inotify_rs doctor [OPTION]... [PATH]...           shows problems
                 inotify_rs completion bash|zsh|fish               prints a script
                 inotify_rs help                                   shows the manual page
                 inotify_rs man                                    prints its source
        TEXT
        sections: { "Which changes" => CHANGES, "Output" => PRINTED, "Begin and end" => ENDS,
                    "How COMMAND runs; {} stands for the changed paths" => RUNS },
        tail: "In a terminal, there are keys between the runs of COMMAND: ? lists them.\n" \
              "Exit status: 0 done, 1 failed, 2 wrong usage, 124 timed out, 126 or 127 COMMAND\n" \
              "cannot start; with --exit-with-command, that of COMMAND; signals end it.\n"
      )

      DOCTOR = Page.new(
        head: <<~TEXT,
          Usage: inotify_rs doctor [OPTION]... [PATH]...

          Shows the limits of inotify, which processes use how much of them, and for each PATH
          its file system and the watches it needs, without and with these filters.

        TEXT
        sections: { "Filters" => FILTERS }, tail: "Exit status: 0 all is well, 1 something is wrong, 2 wrong usage.\n"
      )
    end
  end
end
