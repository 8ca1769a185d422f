# frozen_string_literal: true

RSpec.describe "the keys of inotify_rs" do
  include Shells

  # Runs it in a terminal, and types when COMMAND has run.
  def between_runs(*arguments, command: ["echo", "ran", "{}"])
    in_terminal(*arguments, dir, "--", *command) do |terminal|
      terminal.see(/status 0.*\n/)
      wait_for_keys(terminal)
      terminal.text.clear
      yield terminal
    end
  end

  # Until then, they are shown.
  def wait_for_keys(terminal) = wait_until { modes(terminal.pid).include?("-icanon") }

  it "are r, which runs COMMAND again for the same paths" do
    between_runs do |terminal|
      touch("new")
      terminal.see(/^ran .*new\r\n[^\0]*status 0.*\n/)
      wait_for_keys(terminal)
      terminal.text.clear
      terminal.type("r")
      expect(terminal.see(/^ran .*new\r\n/)).to be_truthy
    end
  end

  it "are p, which pauses and continues" do
    between_runs do |terminal|
      terminal.type("p")
      terminal.see("paused; p continues")
      touch("new")
      terminal.type("?")
      terminal.see("r runs COMMAND again, p pauses, c clears the screen, q quits, ? lists the keys")
      expect(terminal.text).not_to include("ran")
      terminal.type("p")
      expect(terminal.see(/^ran .*new\r\n/)).to be_truthy
    end
  end

  it "are c, which clears the screen" do
    between_runs do |terminal|
      terminal.type("c")
      expect(terminal.see("\e[H\e[2J\e[3J")).to be_truthy
    end
  end

  it "are q, which quits with status 0" do
    between_runs do |terminal|
      terminal.type("q")
      expect(terminal.finish.exitstatus).to eq(0)
    end
  end

  it "are Enter, which parts what was from what comes, and no others; none is shown" do
    between_runs do |terminal|
      terminal.type("xyz\n?")
      terminal.see("q quits")
      expect(terminal.text).to match(/\A\r\n.*r runs COMMAND/)
    end
  end

  it "quit while COMMAND runs that does not have the terminal" do
    in_terminal("--no-tty", dir, "--", "sh", "-c", "echo begun; exec sleep 1000") do |terminal|
      terminal.see("begun")
      wait_for_keys(terminal)
      terminal.type("q")
      expect(terminal.finish.exitstatus).to eq(0)
    end
  end

  it "are not taken from a shell while it has the terminal" do
    in_shell("--quiet", dir, "--", "echo", "ran", suffix: "&") do |terminal|
      terminal.see("ran")
      terminal.type("echo q; echo sh'ell'\n")
      expect(terminal.see("shell")).to be_truthy
    end
  end

  it "leave the terminal as it was, after Ctrl-Z and at the end" do
    in_shell(dir, "--", "sh", "-c", "echo pid $PPID") do |terminal|
      pid = Integer(terminal.see(/pid (\d+)/)[1])
      terminal.see(/status 0.*\n/)
      wait_until { modes(pid).include?("-icanon") }
      terminal.type("\x1A")
      terminal.see(/prompt> \z/)
      terminal.text.clear
      expect(modes(pid)).to match(/[^-]icanon/)
      terminal.type("fg\n")
      wait_until { modes(pid).include?("-icanon") && ProcessGroups.foreground(pid) == Process.getpgid(pid) }
      terminal.type("q")
      expect(terminal.see(/prompt> \z/)).to be_truthy
    end
  end

  it "leave the terminal as it was when inotify_rs is killed" do
    script = "#{(CommandLine::COMMAND + ["--postpone", dir]).shelljoin} -- true; echo en'ded'; sleep 1000"
    spawn_terminal("sh", "-c", script) do |terminal|
      before = modes(terminal.pid)
      terminal.see("ready")
      wait_until { modes(terminal.pid) != before }
      pid = File.read("/proc/#{terminal.pid}/task/#{terminal.pid}/children").to_i
      Process.kill(:KILL, pid)
      terminal.see("ended")
      wait_until { modes(terminal.pid) == before }
      expect(modes(terminal.pid)).to eq(before)
    end
  end
end
