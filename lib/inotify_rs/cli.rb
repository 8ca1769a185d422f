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

    %i[
      BashCompletion Changes Color Command Completion Contents Desktop Doctor Events Failure FileList Filters
      FishCompletion GitWork Guard Held Holders Init Job JobControl JSONLines Keys Launcher LimitsCheck Loops Main
      ManPage Mount Names Notices Options Orphans Output OwnFiles OwnNoise Page Paths Printer ProcessGroup React
      Readiness Records Report Rules RulesRunner Runs Settings Show Signals Template Terminal Text TreeCheck Types
      Values ZshCompletion
    ].each do |name|
      file = name.to_s.sub("JSONL", "JsonL").gsub(/(?<=[a-z])(?=[A-Z])/, "_").downcase
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

      $stdout.write("inotify_rs #{VERSION}\n")
      $stdout.flush
      DONE
    rescue SystemCallError
      Main.run(arguments)
    end
  end
end
