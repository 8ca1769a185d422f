# frozen_string_literal: true

require "optparse"

module Inotify
  module CLI
    # The options there are: what they are called, what they take, and what they say of themselves.
    # @api private
    module Options
      # What an option takes is a method of {Values}, with the words it may be where there are such.
      Option = Struct.new(:names, :takes, :words, :help) do
        # @return [Symbol] its name in {Settings}
        def key = names.last[/\A--(?:\[no-\]|no-)?([a-z-]+)/, 1].tr("-", "_").to_sym

        # @return [String] `--on-busy`
        def long = names.last[/\A--(?:\[no-\])?[a-z-]+/]
      end

      ON_BUSY = %w[queue restart signal ignore].freeze

      def self.option(*names, help, takes: nil, words: nil) = Option.new(names, takes, words, help)
      private_class_method :option

      FILTERS = [
        option("--only PATTERN", "files that match, as in a .gitignore; may be repeated", takes: :text),
        option("--ignore PATTERN", "not what matches, nor what is in it; may be repeated", takes: :text),
        option("--gitignore", "not what git ignores"),
        option("--no-recursive", "nothing below the given directories"),
        option("--follow-symlinks", "directories behind symbolic links, too")
      ].freeze

      RUNS = [
        option("--postpone", "not before the first change"),
        option("--on-busy WHAT", "queue (default), restart, signal or ignore", takes: :word, words: ON_BUSY),
        option("--signal NAME", "what --on-busy signal sends (HUP)", takes: :signal),
        option("--stop-signal NAME", "what ends it (TERM)", takes: :signal),
        option("--stop-timeout S", "until KILL ends it (5)", takes: :seconds),
        option("--exit-with-command", "ends when it does, with its status"),
        option("--stdin", "the paths are its input; see --null, --format, --json"),
        option("--shell", "it is for sh -c"),
        option("--clear", "clears the screen before"),
        option("--bell", "rings after")
      ].freeze

      TABLE = {
        "Which changes" => FILTERS + [
          option("--types LIST", "of created,modified,deleted,renamed,attributes", takes: :types),
          option("--debounce SECONDS", "told after as long a quiet (0.05)", takes: :seconds)
        ],
        "What is printed" => [
          option("--events", "the kernel's own events of the PATHs alone"),
          option("--initial", "what is there, first"),
          option("--format FORMAT", "such as '{time} {type} {path}'", takes: :text),
          option("--json", "an object a line"),
          option("-0", "--null", "paths, or FORMAT, each ended by a NUL"),
          option("--[no-]color", "colours (on a terminal)")
        ],
        "When it begins and ends" => [
          option("--ready-fd N", "a line goes there when watching has begun", takes: :descriptor),
          option("--once", "ends after a change, or a run"),
          option("--count N", "ends after so many", takes: :count),
          option("--timeout SECONDS", "ends after so long, with status 124 if none came", takes: :seconds),
          option("-q", "--quiet", "nothing but errors on stderr")
        ],
        "How COMMAND is run; {} are the changed paths" => RUNS
      }.freeze

      HEAD = <<~TEXT
        Usage: inotify_rs [OPTION]... [PATH]...                  tells of changes
      TEXT
      private_constant :HEAD

      TAIL = <<~TEXT
        Exit status: 0 done, 1 failed, 2 wrong usage, 124 timed out; signals end it.
      TEXT
      private_constant :TAIL

      module_function

      # @return [Array<Option>] of the sections
      def all(sections = TABLE) = sections.values.flatten

      # Yields each option that is given and its value.
      #
      # @return [OptionParser]
      def parser(sections = TABLE, head: HEAD, tail: TAIL, &block)
        OptionParser.new do |parser|
          parser.banner = head
          parser.summary_width = 20
          parser.summary_indent = "  "
          sections.each { |title, options| section(parser, title, options, &block) }
          parser.on("-h", "--help", "this") { block&.call(:help, true) }
          parser.on("-V", "--version", "the version") { block&.call(:version, true) }
          parser.separator("\n#{tail}")
        end
      end

      def section(parser, title, options)
        parser.separator("#{title}:")
        options.each do |option|
          parser.on(*option.names, option.help) { |value| yield option.key, convert(option, value) }
        end
      end
      private_class_method :section

      def convert(option, value)
        return value unless option.takes

        Values.public_send(option.takes, option.long, value, *option.words && [option.words])
      end
      private_class_method :convert
    end
  end
end
