# frozen_string_literal: true

RSpec.describe "the processes of inotify_rs with a COMMAND" do
  include Survivors

  # A command that prints its pid and that of a child, and does not end by itself.
  let(:family) { ["sh", "-c", "sleep 1000 & echo $$ $!; wait"] }
  let(:stubborn) do
    ["sh", "-c", 'trap "" TERM INT HUP; sh -c "trap \"\" TERM; exec sleep 1000" & echo $$ $!; wait; sleep 1000']
  end

  def pids(program) = program.line.split.map { |pid| Integer(pid) }

  def signal_of(program) = Signal.signame(program.wait.termsig)

  def running(*arguments, command: family)
    command_line(*arguments, dir, "--", *command) do |program|
      pids = pids(program)
      yield program, pids
    ensure
      wait_for_death(*pids)
    end
  end

  %w[INT TERM HUP QUIT].each do |name|
    it "end with it by SIG#{name}, children and all" do
      running do |program, pids|
        program.signal(name)
        expect(signal_of(program)).to eq(name)
        expect(pids.map { |pid| alive?(pid) }).to eq([false, false])
      end
    end
  end

  it "get the very signal that ends it" do
    command = ["sh", "-c", 'trap "echo got int; exit" INT; echo $$; while :; do sleep 0.02; done']
    running(command: command) do |program, _|
      program.signal("INT")
      expect([signal_of(program), program.out.read]).to eq(["INT", "got int\n"])
    end
  end

  it "are killed when they ignore the signal for --stop-timeout" do
    running("--stop-timeout", "0.2", command: stubborn) do |program, pids|
      program.signal("TERM")
      expect(signal_of(program)).to eq("TERM")
      expect(pids.map { |pid| alive?(pid) }).to eq([false, false])
    end
  end

  it "are killed at once by a second signal" do
    command = ["sh", "-c", 'trap "echo term" TERM; echo $$; while :; do sleep 0.02; done']
    running("--stop-timeout", "1000", command: command) do |program, _|
      program.signal("TERM")
      expect(program.line).to eq("term\n")
      program.signal("INT")
      expect(signal_of(program)).to eq("TERM")
    end
  end

  it "end with it, too, when they are stopped" do
    running do |program, pids|
      pids.each { |pid| Process.kill(:STOP, pid) }
      program.signal("TERM")
      expect(signal_of(program)).to eq("TERM")
    end
  end

  it "end with it when the command itself has ended long before" do
    command_line(dir, "--", "sh", "-c", "sleep 1000 & echo $!") do |program|
      pid = Integer(program.line)
      wait_until { program.err.include?("status 0") }
      expect(alive?(pid)).to be(true)
      program.signal("TERM")
      expect(signal_of(program)).to eq("TERM")
      expect(alive?(pid)).to be(false)
    end
  end

  it "end before the next run when the command left them behind" do
    command_line(dir, "--", "sh", "-c", "sleep 1000 & echo $!") do |program|
      pid = Integer(program.line)
      wait_until { program.err.include?("status 0") }
      touch("new")
      Integer(program.line)
      expect(alive?(pid)).to be(false)
    end
  end

  it "end when --timeout passes" do
    running("--timeout", "3") do |program, pids|
      expect(program.wait.exitstatus).to eq(124)
      expect(pids.map { |pid| alive?(pid) }).to eq([false, false])
    end
  end

  it "end when it fails" do
    failure = 'require "inotify_rs"; Inotify::Watcher.prepend(Module.new { def take(**) = raise(IOError, "gone") })'
    File.write(path("failure.rb"), failure)
    options = { "RUBYLIB" => Children::LIB, "RUBYOPT" => "-r#{path("failure.rb")}" }
    command_line("--on-busy", "restart", dir, "--", *family, environment: options) do |program|
      pids = pids(program)
      touch("new")
      expect([program.wait.exitstatus, program.err.lines.last]).to eq([1, "inotify_rs: gone\n"])
      wait_for_death(*pids)
    end
  end

  it "end even when it is killed" do
    running do |program, pids|
      program.signal("KILL")
      expect(signal_of(program)).to eq("KILL")
      wait_for_death(*pids)
    end
  end

  it "are killed even then, when they ignore --stop-signal" do
    running("--stop-timeout", "0.2", command: stubborn) do |program, pids|
      program.signal("KILL")
      expect(signal_of(program)).to eq("KILL")
      wait_for_death(*pids)
    end
  end

  it "are all gone when it has ended, those of its own too" do
    command_line(dir, "--", "true") do |program|
      wait_until { program.err.include?("status 0") }
      children = File.read("/proc/#{program.pid}/task/#{program.pid}/children").split
      program.signal("TERM")
      program.wait
      expect([children.size, children.select { |pid| alive?(pid) }]).to eq([1, []])
    end
  end

  it "get signals that do not end it" do
    command = ["sh", "-c", 'trap "echo usr1" USR1; trap "echo usr2" USR2; echo $$; while :; do sleep 0.02; done']
    running(command: command) do |program, _|
      %w[USR1 USR2].each do |name|
        program.signal(name)
        expect(program.line).to eq("#{name.downcase}\n")
      end
      program.signal("TERM")
    end
  end

  it "keep no descriptor of it" do
    script = "ls -l /proc/self/fd | grep -c anon_inode"
    command_line(dir, "--", "sh", "-c", script) { |program| expect(program.line).to eq("0\n") }
  end

  describe "in sessions of their own" do
    # Says the pid of a process that has left for another session, and whose parent has ended.
    let(:command) { ["sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' &"] }

    it "live on without --kill-descendants" do
      command_line(dir, "--", *command) do |program|
        pid = pids(program).first
        wait_until { program.err.include?("status 0") }
        program.signal("TERM")
        program.wait
        expect(alive?(pid)).to be(true)
      ensure
        end_process(pid)
      end
    end

    it "end with --kill-descendants before the next run, and with it" do
      command_line("--kill-descendants", dir, "--", *command) do |program|
        first = pids(program).first
        wait_until { program.err.include?("status 0") }
        touch("new")
        second = pids(program).first
        expect([first, second].map { |pid| alive?(pid) }).to eq([false, true])
        program.signal("TERM")
        program.wait
        wait_for_death(second)
      end
    end
  end

  it "are waited for when they are orphans and it is the first process" do
    skip "needs namespaces" unless namespaces?
    under = %w[unshare -Urpf --mount-proc --kill-child]
    Program.start(*under, *CommandLine::COMMAND, dir, "--", "sh", "-c", "(sleep 0.1 &)") do |program|
      wait_until { program.err.include?("status 0") }
      inside = children(program.pid).first
      # The guard remains.
      wait_until { children(inside).size == 1 }
      expect(File.read("/proc/#{children(inside).first}/cmdline")).to include("trap")
    end
  end

  def children(pid) = File.read("/proc/#{pid}/task/#{pid}/children").split
end
