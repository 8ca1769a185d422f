# frozen_string_literal: true

require_relative "version"

module Inotify
  # The command `inotify_rs`. Nothing of the library requires it; it loads what it needs when it needs it.
  module CLI
    # It did what it was to do.
    DONE = 0
    # Something could not be done; a line on the standard error says what.
    FAILED = 1
    # The arguments make no sense.
    USAGE = 2
    # `--timeout` passed first, as with timeout(1).
    TIMED_OUT = 124
    private_constant :DONE, :FAILED, :USAGE, :TIMED_OUT

    {
      BashCompletion: "bash_completion", Changes: "changes", Color: "color", Command: "command",
      Completion: "completion", Doctor: "doctor", Events: "events", Failure: "failure",
      Filters: "filters", Guard: "guard", Holders: "holders", JSONLines: "json_lines", Job: "job", JobControl: "job_control",
      LimitsCheck: "limits_check", Main: "main", Mount: "mount", Names: "names", Notices: "notices",
      Options: "options", Output: "output", Page: "page", Paths: "paths", Printer: "printer",
      ProcessGroup: "process_group", React: "react", Readiness: "readiness", Records: "records", Report: "report",
      Runs: "runs", Settings: "settings", Show: "show", Signals: "signals", Template: "template",
      Terminal: "terminal", Text: "text", TreeCheck: "tree_check", Values: "values", ZshCompletion: "zsh_completion"
    }.each do |name, file|
      autoload name, File.join(__dir__, "cli", file)
      private_constant name
    end

    # Runs the command, as `exe/inotify_rs` does. Takes over the signals that end a process, and writes to the standard
    # output and error.
    #
    # @param arguments [Array<String>] those of the command line
    # @return [Integer] the exit status; does not return when a signal ends it
    def self.run(arguments)
      # Told before anything is loaded.
      return Main.run(arguments) unless [["--version"], ["-V"]].include?(arguments)

      puts "inotify_rs #{VERSION}"
      DONE
    end
  end
end
