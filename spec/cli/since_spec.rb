# frozen_string_literal: true

RSpec.describe "inotify_rs --since" do
  let(:state) { path("state") }

  before { make("in/a", "in/b") }

  # Files that changed in the tick of a checkpoint are reported again.
  def pass_the_tick
    now = Process.clock_gettime(Process::CLOCK_REALTIME)
    wait_until { Process.clock_gettime(Process::CLOCK_REALTIME_COARSE) > now }
  end

  def since(*arguments) = run_command_line("--quiet", "--since", "state", *arguments, chdir: dir)

  # The status and what was printed, until nothing more had happened.
  def changes(*arguments)
    pass_the_tick
    since("--timeout", "0", "--format", "{type} {path}", *arguments, "in")
      .then { |it| [it.status.exitstatus, it.out.lines(chomp: true)] }
  end

  def make_once(*command)
    pass_the_tick
    since("--once", "--timeout", "0", "in", "--", *command)
      .then { |it| [it.status.exitstatus, it.out.lines(chomp: true)] }
  end

  describe "that prints" do
    it "begins with everything, and then with what changed since the last time" do
      expect([changes, changes]).to eq([[0, ["created in", "created in/a", "created in/b"]], [124, []]])
      File.rename(path("in/a"), path("in/c"))
      make("in/d")
      expect([changes, changes]).to eq([[0, ["renamed in/c", "created in/d"]], [124, []]])
    end

    it "goes on with live changes, each of which is kept when it is printed" do
      changes
      command_line("--since", "state", "--format", "{path}", "in", chdir: dir) do |program|
        %w[in/c in/d].each do |name|
          before = File.stat(state).ino
          pass_the_tick
          make(name)
          expect(program.line).to eq("#{name}\n")
          wait_until { File.stat(state).ino != before }
        end
        program.signal("KILL")
      end
      expect(changes).to eq([124, []])
    end

    it "prints a batch again of which --count left something out" do
      expect(changes("--count", "1")).to eq([0, ["created in"]])
      expect(changes).to eq([0, ["created in", "created in/a", "created in/b"]])
    end

    it "refuses a file that is none, and one of other paths" do
      File.write(state, "none")
      expect([changes, since("in").err]).to match([[1, []], /--since: checkpoint .*state: this file is no checkpoint/])
      File.unlink(state)
      changes
      expect(since(".").err).to match(/--since: .*: it was written for other roots/)
    end

    it "refuses a file whose directory is not there, before COMMAND runs for nothing" do
      run = run_command_line("--since", "none/state", "in", "--", "echo", "ran", chdir: dir)
      message = "inotify_rs: --since: there is no directory none\n"
      expect([run.status.exitstatus, run.out, run.err]).to eq([1, "", message])
    end

    it "is refused with --initial and with --events" do
      expect(since("--initial", "in").err).to include("--initial cannot be used with --since")
      expect(since("--events", "in").err).to include("--since cannot be used with --events")
    end
  end

  describe "that runs a COMMAND" do
    it "runs it only if something changed since it succeeded" do
      command = ["echo", "ran", "{}"]
      expect([make_once(*command), make_once(*command)]).to eq([[0, ["ran in in/a in/b"]], [124, []]])
      make("in/c")
      expect([make_once(*command), make_once(*command)]).to eq([[0, ["ran in/c"]], [124, []]])
    end

    it "runs it again after it failed" do
      expect(make_once("sh", "-c", "echo fails; exit 1")).to eq([0, ["fails"]])
      expect(make_once("sh", "-c", "echo works")).to eq([0, ["works"]])
      expect(make_once("sh", "-c", "echo works")).to eq([124, []])
    end

    it "lets a run that has begun last longer than --timeout" do
      expect(make_once("sh", "-c", "sleep 0.3; echo done")).to eq([0, ["done"]])
    end

    it "adds what a run failed for to the next one" do
      make_once("true")
      pass_the_tick
      command = 'echo "$@"; ! mkdir failed 2>/dev/null'
      command_line("--since", "state", "in", "--", "sh", "-c", command, "sh", "{}", chdir: dir) do |program|
        make("in/c")
        expect(program.line).to eq("in/c\n")
        make("in/d")
        expect(program.line.split.sort).to eq(%w[in/c in/d])
      end
    end

    it "does not run for its own file in the tree" do
      expect(since("--once", "--timeout", "0", ".", "--", "true").status.exitstatus).to eq(0)
      pass_the_tick
      command_line("--since", "state", ".", "--", "echo", "{}", chdir: dir) do |program|
        make("in/c")
        expect(program.line).to include("./in/c")
        make("in/d")
        expect(program.line).to eq("./in/d\n")
      end
    end

    it "takes no note of a --dry-run" do
      since("--dry-run", "--once", "--timeout", "0", "in", "--", "true")
      expect(File).not_to exist(state)
    end
  end
end
