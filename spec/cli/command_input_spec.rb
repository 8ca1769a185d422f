# frozen_string_literal: true

RSpec.describe "a COMMAND of inotify_rs that has the terminal" do
  include Shells
  include Survivors

  # Reads lines, and says what it got.
  let(:reader) { ["sh", "-c", 'echo "pid $$"; while read -r line; do echo "got $line"; done'] }
  # Reads keys, as an editor does. It says when it reads.
  let(:editor) do
    ["sh", "-c", 'echo "pid $$"; stty raw -echo; while :; do echo read-y; key=$(dd bs=1 count=1 2>/dev/null); ' \
                 'echo "key $key"; [ "$key" = q ] && break; done']
  end

  def pid(terminal) = Integer(terminal.see(/pid (\d+)\r?\n/)[1])

  def stopped?(pid) = File.read("/proc/#{pid}/stat").include?(") T ")

  it "reads what is typed, in each run" do
    in_terminal("--quiet", dir, "--", "sh", "-c", 'echo ready; read -r line; echo "got $line"') do |terminal|
      2.times do |number|
        terminal.see("ready")
        terminal.type("line #{number}\n")
        terminal.see("got line #{number}")
        terminal.text.clear
        touch("file#{number}")
      end
      expect(terminal.see("ready")).to be_truthy
    end
  end

  # Yields when the editor reads; the modes are as before when inotify_rs has ended.
  def editing
    command = CommandLine::COMMAND + ["--exit-with-command", dir, "--", *editor]
    spawn_terminal("sh", "-c", "#{command.shelljoin}; echo en'ded'; sleep 1000") do |terminal|
      before = modes(terminal.pid)
      pid = pid(terminal)
      terminal.see("read-y")
      expect(modes(terminal.pid)).not_to eq(before)
      yield terminal, pid
      terminal.see("ended")
      expect(modes(terminal.pid)).to eq(before)
    end
  end

  it "sets the modes of the terminal, which are as before when it has ended" do
    editing do |terminal, _|
      terminal.type("q")
      expect(terminal.see("key q")).to be_truthy
    end
  end

  it "leaves the modes as before when it is killed" do
    editing { |_, pid| expect(Process.kill(:KILL, pid)).to eq(1) }
  end

  it "may be a pager" do
    skip "needs less" unless system("less", "--version", out: File::NULL)
    File.write(path("text"), "first line\n")
    in_terminal("--no-recursive", dir, "--", "less", path("text"), environment: { "TERM" => "xterm" }) do |terminal|
      terminal.see("first line")
      terminal.type("q")
      terminal.see(/status 0/)
      File.write(path("text"), "second line\n")
      terminal.see("second line")
      terminal.type("q")
      expect(terminal.see(/status 0[^\0]*status 0/)).to be_truthy
    end
  end

  it "may be irb" do
    skip "needs irb" unless system("irb", "--version", out: File::NULL)
    in_terminal("--exit-with-command", dir, "--", "irb", "-f", "--nomultiline", "--nosingleline") do |terminal|
      terminal.see(/irb.*>/)
      terminal.type("puts 6 * 7\n")
      terminal.see("\n42\r")
      terminal.type("exit\n")
      expect(terminal.finish.exitstatus).to eq(0)
    end
  end

  it "ends all on Ctrl-C when it ends by it" do
    in_terminal(dir, "--", *reader) do |terminal|
      pid(terminal)
      terminal.type("\x03")
      expect(Signal.signame(terminal.finish.termsig)).to eq("INT")
    end
  end

  it "may go on after Ctrl-C" do
    command = ["sh", "-c", 'trap "echo interrupted" INT; echo begun; read -r line; read -r line; echo "got $line"']
    in_terminal("--exit-with-command", dir, "--", *command) do |terminal|
      terminal.see("begun")
      terminal.type("\x03")
      terminal.see("interrupted")
      terminal.type("line\nline\n")
      expect([terminal.finish.exitstatus, terminal.text]).to match([0, /got line/])
    end
  end

  it "is stopped with all by Ctrl-Z, and continues with all by fg" do
    in_shell(dir, "--", *reader) do |terminal|
      pid = pid(terminal)
      terminal.type("\x1A")
      at_prompt(terminal, "echo sh'ell'")
      terminal.see("shell")
      expect(stopped?(pid)).to be(true)
      at_prompt(terminal, "fg")
      terminal.type("line\n")
      expect(terminal.see("got line")).to be_truthy
    end
  end

  it "has its own modes again after Ctrl-Z and fg" do
    # The key does nothing in its modes: something else stops it.
    in_shell(dir, "--", *editor) do |terminal|
      pid = pid(terminal)
      terminal.see("read-y")
      theirs = modes(pid)
      group = Process.getpgid(pid)
      Process.kill(:TSTP, -group)
      # Until it is stopped, a process that was reading takes what is typed, even from the background.
      wait_until { ProcessGroups.stopped?(group) }
      at_prompt(terminal, "fg")
      wait_until { modes(pid) == theirs }
      terminal.type("q")
      expect(terminal.see("key q")).to be_truthy
    end
  end

  it "continues after Ctrl-Z where no shell could continue it" do
    in_terminal(dir, "--", *reader) do |terminal|
      pid(terminal)
      terminal.type("\x1A")
      terminal.see("SIGTSTP")
      terminal.type("line\n")
      expect(terminal.see("got line")).to be_truthy
    end
  end

  it "does not take the terminal from a shell that has it in the foreground" do
    in_shell("--quiet", dir, "--", "sh", "-c", "echo pid $$; exec sleep 1000", suffix: "&") do |terminal|
      group = Process.getpgid(pid(terminal))
      terminal.type("echo sh'ell'\n")
      terminal.see("shell")
      expect(ProcessGroups.foreground(group)).to eq(terminal.pid)
    end
  end

  it "gets the terminal when it is brought to the foreground" do
    in_shell("--quiet", dir, "--", *reader, suffix: "&") do |terminal|
      pid = pid(terminal)
      wait_until { stopped?(pid) }
      terminal.see(/stopped by SIGTTIN; it needs the terminal: `fg` gives it/)
      wait_for_stop(terminal)
      terminal.type("fg\n")
      wait_until { !stopped?(pid) }
      terminal.type("line\n")
      expect(terminal.see("got line")).to be_truthy
    end
  end

  it "is reported when something stops it, and has the terminal again when it is continued" do
    in_terminal(dir, "--", *reader) do |terminal|
      pid = pid(terminal)
      Process.kill(:STOP, pid)
      terminal.see(/stopped by SIGSTOP; `kill -CONT -- -\d+` continues it/)
      Process.kill(:CONT, pid)
      group = Process.getpgid(pid)
      wait_until { ProcessGroups.foreground(pid) == group }
      terminal.type("line\n")
      expect(terminal.see("got line")).to be_truthy
    end
  end

  it "is reported when it needs the terminal that --no-tty keeps" do
    in_terminal("--no-tty", dir, "--", "sh", "-c", "stty raw </dev/tty") do |terminal|
      expect(terminal.see(/stopped by SIGTTOU; it needs a terminal and has none here/)).to be_truthy
    end
  end

  it "is reported without a terminal, too" do
    command_line(dir, "--", "sh", "-c", "echo $$; exec sleep 1000") do |program|
      Process.kill(:STOP, Integer(program.line))
      wait_until { program.err.include?("stopped by SIGSTOP; `kill -CONT -- -") }
      expect(program.err.lines.size).to eq(2)
    end
  end

  it "leaves the terminal to others when inotify_rs is killed" do
    command = "sh -c 'echo pid $$ $PPID; stty raw -echo; echo read-y; sleep 1000'"
    script = "#{(CommandLine::COMMAND + ["--stop-timeout", "60", dir]).shelljoin} -- #{command}; " \
             "until read -r line; do sleep 0.02; done; echo \"left $line\""
    spawn_terminal("sh", "-c", script) do |terminal|
      before = modes(terminal.pid)
      inotify_rs = Integer(terminal.see(/pid \d+ (\d+)/)[1])
      terminal.see("read-y")
      Process.kill(:KILL, inotify_rs)
      wait_until { ProcessGroups.foreground(terminal.pid) == terminal.pid && modes(terminal.pid) == before }
      terminal.type("line\n")
      expect(terminal.see("left line")).to be_truthy
    end
  end

  it "leaves the terminal to a shell when inotify_rs is killed" do
    command = ["sh", "-c", "stty raw -echo; echo pid $PPID; exec sleep 1000"]
    in_shell("--stop-timeout", "0.2", dir, "--", *command) do |terminal|
      Process.kill(:KILL, pid(terminal))
      at_prompt(terminal, "echo sh'ell'")
      expect(terminal.see("echo sh'ell'\r\nshell")).to be_truthy
    end
  end

  it "is restarted with the terminal" do
    in_terminal("--on-busy", "restart", dir, "--", *reader) do |terminal|
      first = pid(terminal)
      terminal.text.clear
      touch("new")
      expect(pid(terminal)).not_to eq(first)
      terminal.type("line\n")
      expect(terminal.see("got line")).to be_truthy
    end
  end
end
