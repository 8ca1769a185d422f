# frozen_string_literal: true

RSpec.describe "inotify_rs as a program" do
  # Status, output and the first line of errors.
  def run(*arguments)
    result = run_command_line(*arguments, chdir: dir)
    [result.status.exitstatus, result.out, result.err.lines.first.to_s.chomp]
  end

  def help = run("--help")[1]

  %w[--version -V].each do |option|
    it "prints its version by #{option}" do
      expect(run(option)).to eq([0, "inotify_rs #{Inotify::VERSION}\n", ""])
    end
  end

  it "prints its version among other options, too" do
    expect(run("--quiet", "--version")).to eq([0, "inotify_rs #{Inotify::VERSION}\n", ""])
  end

  it "prints its options by --help, on a screen" do
    expect(run("--help", "-h").values_at(0, 2)).to eq([0, ""])
    expect(help.lines.map { |line| line.chomp.length }.max).to be <= 80
    expect(help.lines.size).to be <= 80
  end

  {
    %w[--unknown] => "invalid option: --unknown",
    %w[--exst rb] => "invalid option: --exst; did you mean --exts?",
    %w[-qZ] => "invalid option: -Z",
    %w[---] => "invalid option: ---",
    %w[init x] => "init takes no arguments; a path of this name is ./init",
    %w[man x] => "man takes no arguments; a path of this name is ./man",
    %w[--on] => "ambiguous option: --on (--only, --once, --on-busy)",
    %w[--quiet=1] => "needless argument: --quiet=1",
    %w[-q=1] => "needless argument: -q=1",
    %w[-qd] => "missing argument: -d",
    %w[-qdx] => "--debounce takes seconds, such as 0.5, not \"x\"",
    %w[. --deb= .] => "--debounce takes seconds, such as 0.5, not \"\"",
    %w[--ready_f -1] => "--ready-fd takes the number of an open descriptor, such as 3, not \"-1\"",
    %w[--count] => "missing argument: --count",
    %w[--count 0] => "--count takes a number, 1 or more, not \"0\"",
    %w[--count 1.5] => "--count takes a number, 1 or more, not \"1.5\"",
    %w[--timeout soon] => "--timeout takes seconds, such as 0.5, not \"soon\"",
    %w[--timeout -1] => "--timeout takes seconds, such as 0.5, not \"-1\"",
    %w[--debounce NaN] => "--debounce takes seconds, such as 0.5, not \"NaN\"",
    %w[--types changed] => "unknown type changed; the types are created, modified, deleted, " \
                           "renamed, attributes, closed, written, touched",
    ["--types", ","] => "--types takes a list such as created,deleted, not \",\"",
    %w[--json --null] => "--null cannot be used with --json",
    %w[--ready-fd x] => "--ready-fd takes the number of an open descriptor, such as 3, not \"x\"",
    %w[--ready-fd 77] => "--ready-fd 77 is not open for writing: `inotify_rs --ready-fd 77 77>FILE` opens it",
    ["--only", "/"] => "bad pattern \"/\": it is the root itself",
    [""] => "a PATH is empty"
  }.each do |arguments, message|
    it "rejects #{arguments.inspect} with status 2" do
      expect(run(*arguments)).to eq([2, "", "inotify_rs: #{message}; see `inotify_rs --help`"])
    end
  end

  it "suggests nothing where Ruby has no spell checker" do
    command = Program.ruby("--disable-did_you_mean", CommandLine::COMMAND.last)
    expect(Program.run(*command, "--exst").err).to start_with("inotify_rs: invalid option: --exst; see")
  end

  it "takes options after paths for paths where POSIXLY_CORRECT is set" do
    result = Program.run({ "POSIXLY_CORRECT" => "1" }, *CommandLine::COMMAND, "--timeout", "0", ".", "-V", chdir: dir)
    expect([result.status.exitstatus, result.err.lines.first]).to match([124, /\Ainotify_rs: -V does not exist yet/])
  end

  it "reports that the version cannot be written" do
    [%w[--version], %w[--quiet --version]].each do |arguments|
      result = run_command_line(*arguments, out: "/dev/full")
      expect([result.status.exitstatus, result.err]).to eq([1, "inotify_rs: No space left on device - <STDOUT>\n"])
    end
  end

  it "gives a hint when a path is the name of a program" do
    expect(run("--timeout", "0", ".", "ls").last)
      .to eq("inotify_rs: ls does not exist yet; it is watched when it appears; to run it, write `-- ls`")
  end

  it "waits for a path that does not exist, nor its directory" do
    command_line("tmp/restart.txt", chdir: dir) do |program|
      FileUtils.mkdir_p(path("tmp"))
      touch("tmp/restart.txt")
      expect([program.line, program.err.lines.first])
        .to eq(["created    tmp/restart.txt\n",
                "inotify_rs: tmp/restart.txt does not exist yet; it is watched when it appears\n"])
    end
  end

  it "reports that no instances are left, and how to raise the limit" do
    skip "needs user namespaces" unless namespaces?
    script = "echo 0 >/proc/sys/user/max_inotify_instances; exec \"$@\""
    result = Program.run("unshare", "-Ur", "sh", "-c", script, "-", *CommandLine::COMMAND, dir)
    expect([result.status.exitstatus, result.err])
      .to match([1, /\Ainotify_rs: .*user\.max_inotify_instances is 0.* `sudo sysctl user\.max_inotify_instances=\d+`/])
  end

  it "names the uncovered directories when the limit of watches is reached, and continues" do
    skip "needs user namespaces" unless namespaces?
    script = "echo 0 >/proc/sys/user/max_inotify_watches; exec \"$@\""
    result = Program.run("unshare", "-Ur", "sh", "-c", script, "-", *CommandLine::COMMAND, "--timeout", "0", dir)
    expect([result.status.exitstatus, result.err])
      .to match([124, /^inotify_rs: .*#{dir}.*user\.max_inotify_watches is 0/])
  end
end
