# frozen_string_literal: true

module Inotify
  module CLI
    # The options of the command line.
    # @api private
    module Options
      # The options of a command, by titles, with the text before and after them in `--help`.
      Page = Struct.new(:head, :sections, :tail, keyword_init: true) do
        # @return [Array<Option>]
        def options = sections.values.flatten

        # @return [Array<Option>] with those of every command
        def all_options = options + [HELP, VERSION]

        # @return [String] the text of `--help`
        def help
          [head, *sections.flat_map { |title, list| ["#{title}:\n", *list] }, HELP, VERSION, "\n", tail].join
        end
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
