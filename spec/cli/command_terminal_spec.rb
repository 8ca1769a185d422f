# frozen_string_literal: true

RSpec.describe "inotify_rs with a COMMAND in a terminal" do
  include Survivors

  let(:family) { ["sh", "-c", "sleep 1000 & echo pids $$ $!; wait"] }

  def running(*arguments, command: family)
    in_terminal(*arguments, dir, "--", *command) do |terminal|
      pids = terminal.see(/pids ([\d ]+)\r\n/)[1].split.map(&:to_i)
      yield terminal, pids
    ensure
      wait_for_death(*pids)
    end
  end

  # Whether processes are stopped.
  def stopped?(*pids) = pids.all? { |pid| File.read("/proc/#{pid}/stat").include?(") T ") }

  it "ends both on Ctrl-C" do
    running do |terminal, pids|
      terminal.type("\x03")
      expect(Signal.signame(terminal.finish.termsig)).to eq("INT")
      expect(pids.map { |pid| alive?(pid) }).to eq([false, false])
    end
  end

  it "ends both when the terminal is closed" do
    running do |terminal, pids|
      [terminal.screen, terminal.keyboard].each(&:close)
      _, status = within { Process.wait2(terminal.pid) }
      terminal.pid = nil
      expect(Signal.signame(status.termsig)).to eq("HUP")
      expect(pids.map { |pid| alive?(pid) }).to eq([false, false])
    end
  end

  it "stops both by SIGTSTP, as Ctrl-Z sends it, and continues both" do
    running do |terminal, pids|
      Process.kill(:TSTP, terminal.pid)
      wait_until { stopped?(terminal.pid, *pids) }
      Process.kill(:CONT, terminal.pid)
      wait_until { pids.none? { |pid| stopped?(pid) } }
      terminal.type("\x03")
      expect(Signal.signame(terminal.finish.termsig)).to eq("INT")
    end
  end

  it "reports success in green and failure in red" do
    in_terminal("--exit-with-command", dir, "--", "true") do |terminal|
      expect(terminal.see(/.*status.*/)[0]).to match(/\A\e\[32minotify_rs: true: status 0 after .*\e\[m/)
    end
    in_terminal("--exit-with-command", dir, "--", "false") do |terminal|
      expect(terminal.see(/.*status.*/)[0]).to match(/\A\e\[31minotify_rs: false: status 1 after .*\e\[m/)
    end
  end

  it "clears the screen before each run with --clear" do
    in_terminal("--clear", "--exit-with-command", dir, "--", "echo", "ran") do |terminal|
      terminal.finish
      expect(terminal.text).to include("\e[H\e[2J\e[3Jran\r\n")
    end
  end

  it "rings after each run with --bell" do
    in_terminal("--bell", "--exit-with-command", dir, "--", "true") do |terminal|
      terminal.finish
      expect(terminal.text).to end_with("\a")
    end
  end

  it "neither clears nor rings in a pipe" do
    result = run_command_line("--clear", "--bell", "--exit-with-command", dir, "--", "echo", "ran")
    expect([result.out, result.err]).to match(["ran\n", /\A[^\a]*\z/])
  end

  it "gives the command an empty input with --no-tty" do
    in_terminal("--exit-with-command", "--no-tty", dir, "--", "sh", "-c", "read line || echo nothing") do |terminal|
      expect(terminal.see(/nothing/)).to be_truthy
    end
  end
end
