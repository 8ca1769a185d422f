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
        option("-e", "--exts LIST", "files with these extensions, such as rb,erb", takes: :extensions),
        option("-i", "--ignore PATTERN", "not what matches, nor what is in it; repeatable", takes: :text),
        option("--ignore-file FILE", "not what the patterns in FILE match; repeatable", takes: :lines),
        option("--gitignore", "not what git ignores"),
        option("--no-recursive", "nothing below the given directories"),
        option("--follow-symlinks", "what is behind symbolic links, too")
      ].freeze

      CHANGES = FILTERS + [
        option("-w", "--watch PATH", "as PATH; repeatable", takes: :path),
        option("--files-from FILE", "PATHs, a line each or ended by NULs; - is stdin", takes: :paths),
        option("--no-default-ignore", "with COMMAND, also .git and editors' own files"),
        option("--types LIST", "of created,modified,deleted,renamed,attributes,\nwritten and touched; see README",
               takes: :types),
        option("-d", "--debounce SECONDS", "told after as long a quiet (0.05)", takes: :seconds)
      ].freeze

      PRINTED = [
        option("--events", "the kernel's own events of the PATHs alone"),
        option("--initial", "what is there, first"),
        option("--format FORMAT", "such as '{time} {type} {path}'", takes: :text),
        option("--json", "an object a line"),
        option("-0", "--null", "paths, or FORMAT, each ended by a NUL"),
        option("--output FILE", "appends to FILE; SIGHUP opens it anew", takes: :path),
        option("--[no-]color", "colours (on a terminal)")
      ].freeze

      ENDS = [
        option("--ready-fd N", "a line goes there when watching has begun", takes: :descriptor),
        option("--once", "ends after a change, or a run for changes"),
        option("--count N", "ends after so many", takes: :count),
        option("--timeout SECONDS", "ends then, with status 124 if fewer came", takes: :seconds),
        option("--stdin-quit", "ends when the standard input is closed"),
        option("-q", "--quiet", "nothing but errors on stderr"),
        option("-v", "--verbose", "why COMMAND runs, and for which paths")
      ].freeze

      RUNS = [
        option("-p", "--postpone", "not before the first change"),
        option("--if-content-changed", "not for a save that leaves the bytes as they were"),
        option("--no-git-wait", "while git works, too"),
        option("--delay-run SECONDS", "waits so long before each run", takes: :seconds),
        option("-r", "--restart", "as --on-busy restart"),
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
        option("--env NAME=VALUE", "a variable for it; repeatable", takes: :variable),
        option("--workdir DIR", "it runs there", takes: :path),
        option("--map-signal FROM:TO", "it gets TO in place of FROM; repeatable", takes: :signals),
        option("--dry-run", "prints what would run"),
        option("-c", "--clear", "clears the screen before"),
        option("--bell", "rings after"),
        option("--notify", "tells the desktop how each run ended")
      ].freeze

      MAIN = Page.new(
        head: <<~TEXT,
          Usage: inotify_rs [OPTION]... [PATH]...                  tells of changes
                 inotify_rs [OPTION]... [PATH]... -- COMMAND...    runs COMMAND after them
                 inotify_rs [run [RULE]...]                        runs .inotify_rs.yml
                 inotify_rs init                                   writes .inotify_rs.yml
                 inotify_rs doctor [OPTION]... [PATH]...           tells what may be wrong
                 inotify_rs completion bash|zsh|fish               prints a script
                 inotify_rs man                                    prints the manual page
        TEXT
        sections: { "Which changes" => CHANGES, "What is printed" => PRINTED, "When it begins and ends" => ENDS,
                    "How COMMAND is run; {} is for the changed paths" => RUNS },
        tail: "In a terminal, keys do something between the runs of COMMAND: ? tells what.\n" \
              "Exit status: 0 done, 1 failed, 2 wrong usage, 124 timed out; signals end it.\n"
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
