# frozen_string_literal: true

RSpec.describe "inotify_rs --on-busy" do
  # A command that says which paths it got, and runs until a file `go` is there, which it removes.
  let(:until_go) { ["sh", "-c", 'echo "begin $*"; until rm go 2>/dev/null; do sleep 0.02; done; echo end', "sh", "{}"] }
  # One that runs until it is ended.
  let(:server) { ["sh", "-c", 'echo "begin $*"; exec sleep 1000', "sh", "{}"] }

  def busy(policy, *arguments, command: until_go)
    command_line("--on-busy", policy, "--ignore", "go", *arguments, ".", "--", *command, chdir: dir) do |program|
      expect(program.line).to eq("begin \n")
      yield program
    end
  end

  it "queue runs once for all that changed meanwhile" do
    busy("queue") do |program|
      touch("a", "b", "c")
      File.delete(path("c"))
      touch("go")
      expect([program.line, program.line.split.sort]).to eq(["end\n", %w[./a ./b begin]])
    end
  end

  it "queue runs once for batches that follow each other meanwhile, too" do
    busy("queue", "--debounce", "0.01") do |program|
      %w[a b c d].each { |name| touch(name) && sleep(0.1) }
      touch("go")
      expect([program.line, program.line.split.sort]).to eq(["end\n", %w[./a ./b ./c ./d begin]])
    end
  end

  it "queue is the default" do
    command_line("--ignore", "go", ".", "--", *until_go, chdir: dir) do |program|
      program.line
      touch("a", "go")
      expect(lines(program, 2)).to eq(["end", "begin ./a"])
    end
  end

  it "restart ends the command and runs it again" do
    busy("restart", command: server) do |program|
      touch("a")
      expect(program.line).to eq("begin ./a\n")
      touch("b")
      expect(program.line).to eq("begin ./b\n")
    end
  end

  it "restart sends --stop-signal" do
    command = ["sh", "-c", 'trap "echo int; exit" INT; echo "begin $*"; while :; do sleep 0.02; done', "sh", "{}"]
    busy("restart", "--stop-signal", "sigint", command: command) do |program|
      touch("a")
      expect(lines(program, 2)).to eq(["int", "begin ./a"])
    end
  end

  it "restart starts the next command after --stop-signal KILL, each time" do
    busy("restart", "--stop-signal", "KILL") do |program|
      begun = %w[a b c d e].map { |name| touch(name) && program.line }
      expect(begun).to eq(%w[a b c d e].map { |name| "begin ./#{name}\n" })
    end
  end

  it "restart kills a command that does not end within --stop-timeout" do
    command = ["sh", "-c", 'trap "" TERM; echo "begin $*"; while :; do sleep 0.02; done', "sh", "{}"]
    busy("restart", "--stop-timeout", "0.2", command: command) do |program|
      touch("a")
      expect(program.line).to eq("begin ./a\n")
      expect(program.err[/ended by SIGKILL after (\d+\.\d\d) s/, 1].to_f).to be_between(0.2, Waiting::LIMIT)
    end
  end

  it "restart waits until all that the command started has ended" do
    child = 'trap "sleep 0.3; echo late; exit" TERM; echo child; while :; do sleep 0.02; done'
    command = ["sh", "-c", 'echo "begin $*"; sh -c "$0" & wait', child, "{}"]
    busy("restart", command: command) do |program|
      expect(program.line).to eq("child\n")
      touch("a")
      expect(lines(program, 2)).to eq(["late", "begin ./a"])
    end
  end

  it "signal sends --signal to the command, and continues" do
    command = ["sh", "-c", 'trap "echo usr1" USR1; echo "begin $*"; while :; do sleep 0.02; done', "sh", "{}"]
    busy("signal", "--signal", "USR1", command: command) do |program|
      2.times do |number|
        touch("a#{number}")
        expect(program.line).to eq("usr1\n")
      end
    end
  end

  it "signal runs the command again when it has ended" do
    busy("signal", "--signal", "CONT") do |program|
      touch("go")
      expect(program.line).to eq("end\n")
      wait_until { program.err.include?("status 0") }
      touch("a")
      expect(program.line).to eq("begin ./a\n")
    end
  end

  it "ignore drops what happens until the command has ended" do
    busy("ignore") do |program|
      touch("a", "go")
      expect(program.line).to eq("end\n")
      wait_until { program.err.include?("status 0") }
      touch("b")
      expect(program.line).to eq("begin ./b\n")
    end
  end

  it "ignore does not run again for what the command itself writes" do
    command_line("--on-busy", "ignore", ".", "--", "sh", "-c", 'echo "begin $*"; echo x >output', "sh", "{}",
                 chdir: dir) do |it|
      wait_until { it.err.include?("status 0") }
      touch("a")
      expect(lines(it, 2)).to eq(["begin ", "begin ./a"])
    end
  end
end
