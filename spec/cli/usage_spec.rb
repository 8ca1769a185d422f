# frozen_string_literal: true

RSpec.describe "the usage of inotify_rs" do
  # Status, output and the first line of errors.
  def run(*arguments)
    result = run_command_line(*arguments, chdir: dir)
    [result.status.exitstatus, result.out, result.err.lines.first.to_s.chomp]
  end

  def help = run("--help")[1]

  %w[--version -V].each do |option|
    it "is told its version by #{option}" do
      expect(run(option)).to eq([0, "inotify_rs #{Inotify::VERSION}\n", ""])
    end
  end

  it "is told its version among other options, too" do
    expect(run("--quiet", "--version")).to eq([0, "inotify_rs #{Inotify::VERSION}\n", ""])
  end

  it "is told by --help, on a screen" do
    expect(run("--help", "-h").values_at(0, 2)).to eq([0, ""])
    expect(help.lines.map { |line| line.chomp.length }.max).to be <= 80
    expect(help.lines.size).to be <= 80
  end

  {
    %w[--unknown] => "invalid option: --unknown",
    %w[--count] => "missing argument: --count",
    %w[--count 0] => "--count takes a number, 1 or more, not \"0\"",
    %w[--count 1.5] => "--count takes a number, 1 or more, not \"1.5\"",
    %w[--timeout soon] => "--timeout takes seconds, such as 0.5, not \"soon\"",
    %w[--timeout -1] => "--timeout takes seconds, such as 0.5, not \"-1\"",
    %w[--debounce NaN] => "--debounce takes seconds, such as 0.5, not \"NaN\"",
    %w[--types changed] => "there is no type changed; the types are created, modified, deleted, " \
                           "renamed, attributes, written, touched",
    ["--types", ","] => "--types takes a list such as created,deleted, not \",\"",
    %w[--json --null] => "--null does not go with --json, which is a line each",
    %w[--ready-fd x] => "--ready-fd takes the number of an open descriptor, such as 3, not \"x\"",
    %w[--ready-fd 77] => "--ready-fd 77 is not open for writing: `inotify_rs --ready-fd 77 77>FILE` opens it",
    ["--only", "/"] => "bad pattern \"/\": it is the root itself",
    [""] => "a PATH is empty"
  }.each do |arguments, message|
    it "is wrong with #{arguments.inspect}, which it says with status 2" do
      expect(run(*arguments)).to eq([2, "", "inotify_rs: #{message}; `inotify_rs --help` tells what there is"])
    end
  end

  it "is told that no more can be written where the version goes" do
    [%w[--version], %w[--quiet --version]].each do |arguments|
      result = run_command_line(*arguments, out: "/dev/full")
      expect([result.status.exitstatus, result.err]).to eq([1, "inotify_rs: No space left on device - <STDOUT>\n"])
    end
  end

  it "is told what a program in place of a path may mean" do
    expect(run("--timeout", "0", ".", "ls").last)
      .to eq("inotify_rs: ls is not there yet; it is watched when it appears; to run it, write `-- ls`")
  end

  it "is told of a path that is not there, nor the directory it is in, and waits for it" do
    command_line("tmp/restart.txt", chdir: dir) do |program|
      FileUtils.mkdir_p(path("tmp"))
      touch("tmp/restart.txt")
      expect([program.line, program.err.lines.first])
        .to eq(["created    tmp/restart.txt\n",
                "inotify_rs: tmp/restart.txt is not there yet; it is watched when it appears\n"])
    end
  end

  it "is told that there are no instances left, and how to have more" do
    skip "needs user namespaces" unless namespaces?
    script = "echo 0 >/proc/sys/user/max_inotify_instances; exec \"$@\""
    result = Program.run("unshare", "-Ur", "sh", "-c", script, "-", *CommandLine::COMMAND, dir)
    expect([result.status.exitstatus, result.err])
      .to match([1, /\Ainotify_rs: .*user\.max_inotify_instances is 0.* `sudo sysctl user\.max_inotify_instances=\d+`/])
  end

  it "is told what is not covered when the limit of watches is reached, and goes on" do
    skip "needs user namespaces" unless namespaces?
    script = "echo 0 >/proc/sys/user/max_inotify_watches; exec \"$@\""
    result = Program.run("unshare", "-Ur", "sh", "-c", script, "-", *CommandLine::COMMAND, "--timeout", "0", dir)
    expect([result.status.exitstatus, result.err])
      .to match([124, /^inotify_rs: .*#{dir}.*user\.max_inotify_watches is 0/])
  end
end
