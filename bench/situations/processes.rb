# frozen_string_literal: true

module Bench
  # Questions about processes that may end at any moment.
  module Processes
    def alive?(pid)
      state = File.read("/proc/#{pid}/stat").rpartition(") ").last[0]
      !%w[Z X].include?(state)
    rescue SystemCallError
      false
    end

    # Its arguments, each with a null byte behind it; empty if it has ended.
    def command_line(pid)
      File.binread("/proc/#{pid}/cmdline")
    rescue SystemCallError
      ""
    end

    # Empty if it has ended.
    def working_directory(pid)
      File.readlink("/proc/#{pid}/cwd")
    rescue SystemCallError
      ""
    end

    def kill(pid)
      Process.kill(:KILL, pid)
    rescue SystemCallError
      # It has ended.
    end
  end
end
