# frozen_string_literal: true

RSpec.describe "inotify_rs PATH -- COMMAND" do
  # Begins with the second run: what the first says is passed over.
  def after_first_run(*arguments)
    command_line(*arguments, chdir: dir) do |program|
      program.line
      yield program
    end
  end

  it "runs COMMAND at the start and after changes" do
    after_first_run(".", "--", "echo", "ran") do |program|
      touch("new")
      expect(program.line).to eq("ran\n")
      touch("other")
      expect(program.line).to eq("ran\n")
    end
  end

  it "runs COMMAND after the first change with --postpone" do
    command_line("--postpone", ".", "--", "echo", "ran", "{}", chdir: dir) do |program|
      touch("new")
      expect(program.line).to eq("ran ./new\n")
    end
  end

  it "gives the changed paths as arguments in place of {}" do
    after_first_run(".", "--", "echo", "begin", "{}", "end") do |program|
      touch("new")
      expect(program.line).to eq("begin ./new end\n")
    end
  end

  it "repeats an argument with {} in it for each path" do
    after_first_run("--debounce", "0.5", ".", "--", "echo", "-", "--file={}") do |program|
      touch("a", "b")
      expect(program.line.split).to contain_exactly("-", "--file=./a", "--file=./b")
    end
  end

  it "gives no path at the start" do
    command_line(".", "--", "echo", "begin", "{}", "end", chdir: dir) do |program|
      expect(program.line).to eq("begin end\n")
    end
  end

  it "gives what is there at the start with --initial" do
    touch("file")
    command_line("--initial", ".", "--", "echo", "{}", chdir: dir) do |program|
      expect(program.line.split).to contain_exactly(".", "./file")
    end
  end

  it "gives the changed paths in a variable, a line each" do
    after_first_run("--debounce", "0.5", ".", "--", "sh", "-c",
                    'echo "$INOTIFY_RS_PATHS" | sort | tr "\n" " "; echo') do |it|
      touch("a", "b")
      expect(it.line).to eq("./a ./b \n")
    end
  end

  it "gives the changed paths on the standard input with --stdin, a line each" do
    after_first_run("--stdin", ".", "--", "sh", "-c", "echo begin; cat") do |program|
      touch("new")
      expect(lines(program, 2)).to eq(%w[begin ./new])
    end
  end

  it "ends each path of --stdin by a NUL with --null" do
    after_first_run("--stdin", "--null", ".", "--", "sh", "-c", "echo begin; xargs -0 -n 1 echo path") do |program|
      expect(program.line).to eq("path\n") # of no arguments
      touch("a b")
      expect(lines(program, 2)).to eq(["begin", "path ./a b"])
    end
  end

  it "gives objects on the standard input with --stdin --json" do
    after_first_run("--stdin", "--json", ".", "--", "sh", "-c", "echo begin; cat") do |program|
      touch("new")
      expect(lines(program, 2).last).to include('"type":"created","path":"./new"')
    end
  end

  it "gives bytes as they are" do
    after_first_run("--stdin", ".", "--", "sh", "-c", 'echo "$1"; cat', "sh", "{}") do |program|
      touch("caf\xE9 \"$(echo no)\"".b)
      expect(lines(program, 2).map(&:b)).to eq(["./caf\xE9 \"$(echo no)\"".b] * 2)
    end
  end

  it "leaves the variable out when it would be too long for the kernel" do
    touch_many(5000)
    command_line("--initial", "--stdin", "../#{"./" * 200}#{File.basename(dir)}", "--",
                 "sh", "-c", 'echo "${INOTIFY_RS_PATHS-unset}"; wc -l', chdir: dir) do |program|
      expect(lines(program, 2).map(&:strip)).to eq(%w[unset 5001])
    end
  end

  it "runs as often as it takes for all paths, as xargs does" do
    touch_many(500)
    long = "../#{"./" * 150}#{File.basename(dir)}"
    result = run_command_line("--initial", "--exit-with-command", "--verbose", long, "--", "sh", "-c", "echo $#; false",
                              "sh", *["{}"] * 20, chdir: dir)
    counts = result.out.lines.map(&:to_i)
    expect([counts.sum, counts.size, result.status.exitstatus]).to match([20 * 501, be_between(2, 5), 1])
    expect(result.err).to match(/runs again for \d+ paths: a command line holds no more/)
  end

  it "takes more arguments than Ruby has room for" do
    touch_many(300)
    result = run_command_line("--initial", "--exit-with-command", ".", "--", "sh", "-c", "echo $#", "sh", *["{}"] * 500,
                              chdir: dir)
    expect([result.out.lines.sum(&:to_i), result.status.exitstatus]).to eq([500 * 301, 0])
  end

  it "merges what is left with what changes when it is restarted" do
    touch_many(300)
    command = ["sh", "-c", "echo $#; exec sleep 1000", "sh", *["{}"] * 500]
    command_line("--initial", "--on-busy", "restart", ".", "--", *command, chdir: dir) do |program|
      first = program.line.to_i
      touch("new")
      expect(first + program.line.to_i).to eq(500 * 302)
    end
  end

  it "reports by --verbose why it runs" do
    after_first_run("--verbose", ".", "--", "echo", "ran") do |program|
      touch("new")
      program.line
      expect(program.err).to match(%r{^inotify_rs: runs at the start\n[^\0]*^inotify_rs: runs for created \./new$})
    end
  end

  it "feeds a command that does not read without waiting for it" do
    touch_many(3000)
    command_line("--initial", "--stdin", dir, "--", "sh", "-c", "exec <&-; echo ran") do |program|
      expect(program.line).to eq("ran\n")
      touch("new")
      expect(program.line).to eq("ran\n")
    end
  end

  it "uses no shell" do
    command_line(dir, "--", "echo", "$HOME;", "*") { |program| expect(program.line).to eq("$HOME; *\n") }
  end

  it "uses a shell with --shell, which takes no path for a program" do
    after_first_run("--shell", ".", "--", "echo", "ran {} |", "tr a-z A-Z") do |program|
      touch("$(echo a);b")
      expect(program.line).to eq("RAN ./$(ECHO A);B\n")
    end
  end

  it "runs it with an empty input, for it runs in the background" do
    command_line(dir, "--", "wc", "-c") { |program| expect(program.line.strip).to eq("0") }
  end

  it "reports what ran, how long and how it ended" do
    command_line(".", "--", "sh", "-c", "exit 3", chdir: dir) do |program|
      wait_until { program.err.lines.size == 2 }
      expect(program.err.lines.last).to match(/\Ainotify_rs: sh -c 'exit 3': status 3 after \d+\.\d\d s\n\z/)
    end
  end

  it "reports the paths it ran with" do
    command_line("--postpone", "--once", ".", "--", "true", "{}", chdir: dir) do |program|
      touch("new")
      program.wait
      expect(program.err.lines.last).to match(%r{\Ainotify_rs: true \./new: status 0 after})
    end
  end

  it "reports nothing with --quiet" do
    result = run_command_line("--quiet", "--exit-with-command", dir, "--", "true")
    expect([result.status.exitstatus, result.err]).to eq([0, ""])
  end

  it "runs only for the given --types" do
    touch("old")
    after_first_run("--types", "deleted", ".", "--", "echo", "ran", "{}") do |program|
      touch("new")
      File.delete(path("old"))
      expect(program.line).to eq("ran ./old\n")
    end
  end
end
