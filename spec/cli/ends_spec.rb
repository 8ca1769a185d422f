# frozen_string_literal: true

RSpec.describe "inotify_rs" do
  def status_of(program) = program.wait.then { |status| status.exitstatus || Signal.signame(status.termsig) }

  it "ends with status 0 after a change with --once" do
    command_line("--once", dir) do |program|
      touch("a", "b")
      expect([status_of(program), program.out.read.lines.size]).to eq([0, 1])
    end
  end

  it "ends with status 0 after as many changes as --count" do
    command_line("--count", "3", dir) do |program|
      touch("a")
      expect(program.line).to end_with("/a\n")
      touch("b", "c", "d")
      expect([status_of(program), program.out.read.lines.size]).to eq([0, 2])
    end
  end

  it "ends with status 124 when --timeout passes without a change" do
    result = run_command_line("--timeout", "0.1", dir)
    expect([result.status.exitstatus, result.out]).to eq([124, ""])
  end

  it "ends with status 124 when --timeout passes before --count changes" do
    command_line("--timeout", "4", "--count", "2", dir) do |program|
      touch("a")
      expect([status_of(program), program.out.read.lines.size]).to eq([124, 1])
    end
  end

  it "ends with status 0 when --timeout passes after a change" do
    command_line("--timeout", "4", dir) do |program|
      touch("a")
      expect(status_of(program)).to eq(0)
    end
  end

  it "prints what has happened when --timeout passes, however long the debounce is" do
    command_line("--timeout", "4", "--debounce", "1000", dir) do |program|
      touch("a")
      expect([status_of(program), program.out.read]).to eq([0, "created    #{path("a")}\n"])
    end
  end

  %w[INT TERM HUP].each do |name|
    it "ends quietly by SIG#{name} itself, so that a shell knows" do
      command_line("--quiet", dir) do |program|
        program.signal(name)
        expect([status_of(program), program.out.read, program.err]).to eq([name, "", ""])
      end
    end
  end

  it "ignores a signal that was ignored when it began, as nohup(1) wants it" do
    ignoring = ["ruby", "-e", 'trap("HUP", "IGNORE"); exec(*ARGV)']
    Program.start(*ignoring, *CommandLine::COMMAND, dir) do |program|
      # A file that is made while the tree is scanned is no change.
      wait_until { program.err.include?("ready: ") }
      program.signal("HUP")
      touch("new")
      expect(program.line).to end_with("/new\n")
    end
  end

  it "ends by SIGPIPE at once when its reader has left, be there a change or not" do
    command_line("--quiet", dir) do |program|
      program.out.close
      expect([status_of(program), program.err]).to eq(["PIPE", ""])
    end
  end

  it "waits for a slow reader, and prints everything" do
    command_line("--format", "{path}#{"." * 1000}", "--null", dir) do |program|
      touch_many(500)
      wait_until { pipe_full?(program.out) }
      # A file whose creation and writing are in two batches is printed twice.
      names = Set.new
      names << program.out.gets("\0")[%r{/(\d+)\.}, 1] until names.size == 500
      expect(names).to match_array(Array.new(500) { |number| format("%05d", number) })
    end
  end

  it "ends by a signal while it waits for a reader" do
    command_line("--format", "{path}#{"." * 1000}", dir) do |program|
      touch_many(500)
      wait_until { pipe_full?(program.out) }
      program.signal("TERM")
      expect(status_of(program)).to eq("TERM")
    end
  end

  it "says that nothing can be written to a full disk, with status 1" do
    reader, writer = IO.pipe
    Program.start(*CommandLine::COMMAND, "--ready-fd", "9", dir, 9 => writer, out: "/dev/full") do |program|
      reader.gets
      touch("new")
      expect([status_of(program),
              program.err.lines.last]).to eq([1, "inotify_rs: No space left on device - <STDOUT>\n"])
    end
  ensure
    [reader, writer].each(&:close)
  end

  # Whether the pipe holds what a pipe holds, 64 KiB, but for less than a line.
  def pipe_full?(pipe)
    bytes = [0].pack("i")
    pipe.ioctl(0x541B, bytes) # FIONREAD
    bytes.unpack1("i") > 60_000
  end
end
