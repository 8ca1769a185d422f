# frozen_string_literal: true

require_relative "version"

module Inotify
  # The command `inotify_rs`. Nothing of the library requires it. It loads each of its parts when that is first used.
  module CLI
    # Success.
    DONE = 0
    # Something failed; a line on the standard error says what.
    FAILED = 1
    # The arguments are wrong.
    USAGE = 2
    # `--timeout` passed first, as with timeout(1).
    TIMED_OUT = 124
    private_constant :DONE, :FAILED, :USAGE, :TIMED_OUT

    %i[
      Command Completion Contents Doctor Failure Filters Formats Init Job JobControl KernelEvents Main ManPage
      Notices Option Options Output Processes React Records Report Rules Runs Settings Show Signals Terminal Text
      TreeChanges
    ].each do |name|
      file = name.to_s.gsub(/(?<=[a-z])(?=[A-Z])/, "_").downcase
      autoload name, File.join(__dir__, "cli", file)
      private_constant name
    end

    # Runs the command, as `exe/inotify_rs` does. Traps the signals that end a process, and writes to the standard
    # output and error.
    #
    # @param arguments [Array<String>] those of the command line
    # @return [Integer] the exit status; does not return when a signal ends it
    def self.run(arguments)
      # The version is printed before anything is loaded.
      return Main.run(arguments) unless [["--version"], ["-V"]].include?(arguments)

      $stdout.write("inotify_rs #{VERSION}\n")
      $stdout.flush
      DONE
    rescue SystemCallError
      Main.run(arguments)
    end
  end
end
