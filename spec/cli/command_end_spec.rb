# frozen_string_literal: true

RSpec.describe "the end of inotify_rs with a COMMAND" do
  def run(*arguments) = run_command_line("--quiet", *arguments, chdir: dir).then { |it| [it.status.exitstatus, it.err] }

  it "has the command's status with --exit-with-command" do
    expect(run("--exit-with-command", ".", "--", "sh", "-c", "exit 7")).to eq([7, ""])
  end

  it "has the status of a shell where the command ended by a signal" do
    expect(run("--exit-with-command", ".", "--", "sh", "-c", "kill -USR1 $$")).to eq([138, ""])
  end

  it "comes with status 0 after one run with --once" do
    command_line("--once", "--postpone", ".", "--", "sh", "-c", "echo ran; exit 7", chdir: dir) do |program|
      touch("new")
      expect([program.wait.exitstatus, program.out.read]).to eq([0, "ran\n"])
    end
  end

  it "comes with the command's status with --once --exit-with-command" do
    command_line("--once", "--postpone", "--exit-with-command", ".", "--", "sh", "-c", "exit 7",
                 chdir: dir) do |program|
      touch("new")
      expect(program.wait.exitstatus).to eq(7)
    end
  end

  it "comes after as many runs for changes as --count" do
    command_line("--count", "2", ".", "--", "echo", "ran", "{}", chdir: dir) do |program|
      program.line
      %w[a b].each do |name|
        touch(name)
        expect(program.line).to eq("ran ./#{name}\n")
      end
      expect(program.wait.exitstatus).to eq(0)
    end
  end

  it "comes with status 124 when --timeout passes without a change, and ends the command" do
    expect(run("--timeout", "0.3", ".", "--", "sleep", "1000")).to eq([124, ""])
  end

  it "has status 127 where there is no such command" do
    expect(run(".", "--", "no-such-command")).to eq([127, "inotify_rs: there is no command no-such-command\n"])
  end

  it "has status 126 where the command cannot be started" do
    touch("file")
    expect(run(".", "--", "./file")).to eq([126, "inotify_rs: ./file cannot be started: Permission denied - ./file\n"])
  end

  it "has status 126 where the interpreter of a script is missing" do
    File.write(path("script"), "#!/no/such/shell\n", perm: 0o755)
    expect(run(".", "--", "./script"))
      .to eq([126, "inotify_rs: ./script cannot be started: the interpreter in its first line is missing\n"])
  end

  it "does not come because a command is gone that ran before" do
    File.write(path("run"), "#!/bin/sh\necho ran", perm: 0o755)
    command_line("--only", "go*", ".", "--", "./run", chdir: dir) do |program|
      expect(program.line).to eq("ran\n")
      File.rename(path("run"), path("away"))
      touch("go")
      wait_until { program.err.include?("there is no command ./run") }
      File.rename(path("away"), path("run"))
      touch("go2")
      expect(program.line).to eq("ran\n")
    end
  end

  {
    %w[--postpone .] => "--postpone needs a COMMAND: `inotify_rs PATH -- COMMAND`",
    %w[. --] => "a COMMAND is missing after --",
    %w[--events . -- true] => "--events cannot be used with a COMMAND",
    %w[--json . -- true] => "--json is for the input of COMMAND: add --stdin",
    %w[--on-busy wait . -- true] => "--on-busy takes one of queue, restart, signal, ignore, not \"wait\"",
    %w[--stop-signal NONE . -- true] => "--stop-signal takes a signal's name, such as TERM, not \"NONE\""
  }.each do |arguments, message|
    it "comes at once with #{arguments.inspect}, with status 2" do
      expect(run(*arguments)).to eq([2, "inotify_rs: #{message}; see `inotify_rs --help`\n"])
    end
  end
end
