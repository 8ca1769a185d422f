# frozen_string_literal: true

require "pty"
require "shellwords"
require_relative "command_line"

# A shell with job control in a terminal, and the command `inotify_rs` in it.
module Shells
  PROMPT = "prompt> "

  # Types a command line into a shell, and yields the terminal.
  #
  # @param arguments [Array<String>] of inotify_rs
  # @param suffix [String] what follows, such as "&"
  def in_shell(*arguments, suffix: "")
    spawn_terminal("bash", "--norc", "--noprofile", "--noediting", "-i") do |terminal|
      terminal.see(PROMPT)
      terminal.type("#{(CommandLine::COMMAND + arguments).shelljoin} #{suffix}\n")
      # Its first output may have come with the echo.
      terminal.text.replace(terminal.see(/\n/).post_match)
      yield terminal
    end
  end

  # Runs a program in a terminal of its own beside the block.
  def spawn_terminal(*command)
    screen, keyboard, pid = PTY.spawn({ "PS1" => PROMPT, "TERM" => "xterm" }, *command, chdir: dir)
    yield CommandLine::Terminal.new(screen, keyboard, pid, +"")
  ensure
    end_session(pid) if pid
    [screen, keyboard].compact.each(&:close)
    Process.wait(pid) if pid
  end

  # Ends what has not left the terminal: jobs in the background live on without their shell.
  def end_session(leader)
    Dir.children("/proc").grep(/\A\d+\z/).each do |pid|
      end_process(pid.to_i) if ProcessGroups.session(pid) == leader
    end
  end

  # Types a line when the shell asks for one.
  def at_prompt(terminal, line)
    terminal.see(/#{Regexp.escape(PROMPT)}\z/)
    terminal.text.clear
    terminal.type("#{line}\n")
  end

  # Waits until the shell knows that its job has been stopped: it says so before a prompt.
  def wait_for_stop(terminal)
    within do
      until terminal.text.include?("Stopped")
        terminal.text.clear
        terminal.type("\n")
        terminal.see(/#{Regexp.escape(PROMPT)}\z/)
      end
    end
  end

  # The modes of a process's terminal, as stty(1) has them.
  def modes(pid)
    Program.run("stty", "-a", "-F", File.readlink("/proc/#{pid}/fd/0")).out
  end
end

# What /proc shows of process groups.
module ProcessGroups
  # @return [Integer] the foreground group of a process's terminal: tpgid of proc(5)
  def self.foreground(pid) = stat(pid)[5].to_i

  # @return [Integer, nil] the session of a process
  def self.session(pid) = stat(pid)[3]&.to_i

  # @return [Boolean] whether all processes of a group are stopped, but for its first, which ignores that
  def self.stopped?(group)
    stats = (Dir.children("/proc").grep(/\A\d+\z/) - [group.to_s]).map { |pid| stat(pid) }
    stats.select { |stat| stat[2].to_i == group }.all? { |stat| stat.first == "T" }
  end

  def self.stat(pid)
    File.read("/proc/#{pid}/stat").rpartition(")").last.split
  rescue Errno::ENOENT, Errno::ESRCH
    []
  end
  private_class_method :stat
end
