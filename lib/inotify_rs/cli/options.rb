# frozen_string_literal: true

module Inotify
  module CLI
    # The options there are.
    # @api private
    module Options
      # What an option is called, what it takes, and what it says of itself. `takes` is a method of {Values}, `words`
      # those it may be where there are such.
      Option = Struct.new(:names, :takes, :words, :help) do
        # @return [Symbol] its name in {Settings}
        def key = names.last[/\A--(?:\[no-\]|no-)?([a-z-]+)/, 1].tr("-", "_").to_sym

        # @return [String] `--on-busy`
        def long = names.last[/\A--(?:\[no-\])?[a-z-]+/].sub("[no-]", "")

        # @return [Object] what it was given
        # @raise [Failure] it takes no such thing
        def convert(value)
          takes ? Values.public_send(takes, long, value, *words && [words]) : value
        end
      end

      def self.option(*names, help, takes: nil, words: nil) = Option.new(names, takes, words, help)
      private_class_method :option

      HELP = option("-h", "--help", "this")
      VERSION = option("-V", "--version", "the version")

      FILTERS = [
        option("--only PATTERN", "files that match, as in a .gitignore; repeatable", takes: :text),
        option("--ignore PATTERN", "not what matches, nor what is in it; repeatable", takes: :text),
        option("--gitignore", "not what git ignores"),
        option("--no-recursive", "nothing below the given directories"),
        option("--follow-symlinks", "what is behind symbolic links, too")
      ].freeze

      CHANGES = FILTERS + [
        option("--types LIST", "of created,modified,deleted,renamed,attributes,\nwritten and touched; see README",
               takes: :types),
        option("--debounce SECONDS", "told after as long a quiet (0.05)", takes: :seconds)
      ].freeze

      PRINTED = [
        option("--events", "the kernel's own events of the PATHs alone"),
        option("--initial", "what is there, first"),
        option("--format FORMAT", "such as '{time} {type} {path}'", takes: :text),
        option("--json", "an object a line"),
        option("-0", "--null", "paths, or FORMAT, each ended by a NUL"),
        option("--[no-]color", "colours (on a terminal)")
      ].freeze

      ENDS = [
        option("--ready-fd N", "a line goes there when watching has begun", takes: :descriptor),
        option("--once", "ends after a change, or a run for changes"),
        option("--count N", "ends after so many", takes: :count),
        option("--timeout SECONDS", "ends then, with status 124 if fewer came", takes: :seconds),
        option("-q", "--quiet", "nothing but errors on stderr"),
        option("-v", "--verbose", "why COMMAND runs, and for which paths")
      ].freeze

      RUNS = [
        option("--postpone", "not before the first change"),
        option("--on-busy WHAT", "queue (default), restart, signal or ignore",
               takes: :word, words: %w[queue restart signal ignore]),
        option("--signal NAME", "what --on-busy signal sends (HUP)", takes: :signal),
        option("--stop-signal NAME", "what ends it (TERM)", takes: :signal),
        option("--stop-timeout SEC", "until KILL ends it (5)", takes: :seconds),
        option("--kill-descendants", "also what it started in sessions of their own"),
        option("--exit-with-command", "ends when it does, with its status"),
        option("--stdin", "the paths are its input; see --null, --format, --json"),
        option("--no-tty", "its input is empty, in a terminal too"),
        option("--shell", "it is for sh -c"),
        option("--clear", "clears the screen before"),
        option("--bell", "rings after")
      ].freeze

      MAIN = Page.new(
        head: <<~TEXT,
          Usage: inotify_rs [OPTION]... [PATH]...                  tells of changes
                 inotify_rs [OPTION]... [PATH]... -- COMMAND...    runs COMMAND after them
                 inotify_rs doctor [OPTION]... [PATH]...           tells what may be wrong
                 inotify_rs completion bash|zsh                    prints a script
        TEXT
        sections: { "Which changes" => CHANGES, "What is printed" => PRINTED, "When it begins and ends" => ENDS,
                    "How COMMAND is run; {} is for the changed paths" => RUNS },
        tail: "Exit status: 0 done, 1 failed, 2 wrong usage, 124 timed out; signals end it.\n"
      )

      DOCTOR = Page.new(
        head: <<~TEXT,
          Usage: inotify_rs doctor [OPTION]... [PATH]...

          Tells the limits of inotify, what is used of them and by which processes, and for each
          PATH its file system and the watches it needs, without and with these filters.

        TEXT
        sections: { "Filters" => FILTERS },
        tail: "Exit status: 0 all is well, 1 something is wrong, 2 wrong usage.\n"
      )
    end
  end
end
