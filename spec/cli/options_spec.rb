# frozen_string_literal: true

RSpec.describe "the options of inotify_rs" do
  # What COMMAND prints after a change.
  def ran(*arguments, command: ["echo", "{}"])
    command_line("--postpone", *arguments, "--", *command, chdir: dir) do |program|
      yield if block_given?
      program.line
    end
  end

  describe "for PATH" do
    it "are -w, too" do
      make("a/", "b/")
      expect(ran("-w", "a", "--watch=b") { touch("b/file") }).to eq("b/file\n")
    end

    it "are read by --files-from, a line each" do
      touch("list me", "other")
      File.write(path("list"), "list me\n")
      expect(ran("--files-from", "list") { touch("other", "list me") }).to eq("list me\n")
    end

    it "are read from the standard input, ended by NULs" do
      touch("a", "b")
      reader, writer = IO.pipe
      writer.write("./a\0./b\0")
      writer.close
      expect(run_command_line("--timeout", "0", "--initial", "--null", "--files-from", "-", in: reader, chdir: dir).out)
        .to eq("./a\0./b\0")
    ensure
      [reader, writer].each(&:close)
    end

    it "may be many thousands in --files-from" do
      make("sub/dir/", "elsewhere/a", "elsewhere/b")
      File.symlink("elsewhere", path("link"))
      touch_many(500)
      list = Array.new(499) { |number| format("%05d", number) } + %w[sub link/a later]
      File.write(path("list"), list.join("\n"))
      command_line("--null", "--files-from", "list", chdir: dir) do |program|
        %w[00499 00498 sub/dir/new elsewhere/b elsewhere/a later].each { |name| File.write(path(name), "x") }
        found = Array.new(4) { program.out.gets("\0", chomp: true) }
        expect(found).to contain_exactly("00498", "sub/dir/new", "link/a", "later")
      end
    end

    it "fail when --files-from has none" do
      result = run_command_line("--files-from", "/dev/null", chdir: dir)
      expect([result.status.exitstatus, result.err]).to eq([1, "inotify_rs: --files-from: the file has no paths\n"])
    end
  end

  describe "for filters" do
    it "are -e, for extensions" do
      expect(ran("-e", "rb,.erb", "-d", "0.2", ".") { touch("a.txt", "b.erb") }).to eq("./b.erb\n")
    end

    it "are -i, and the patterns of --ignore-file" do
      File.write(path("patterns"), "# no\n*.log\n!keep.log\n\ntmp/\n")
      make("tmp/")
      found = ran("-i", "*.txt", "--ignore-file", "patterns", "-d", "0.3", ".") do
        touch("a.txt", "a.log", "tmp/a", "keep.log")
      end
      expect(found).to eq("./keep.log\n")
    end

    it "fail when --ignore-file is not there" do
      result = run_command_line("--ignore-file", "none", chdir: dir)
      expect([result.status.exitstatus, result.err])
        .to eq([1, "inotify_rs: --ignore-file: No such file or directory - none\n"])
    end
  end

  describe "for what COMMAND does not run for by default" do
    let(:noise) { %w[.git/index .a.rb.swp 4913 a.rb~ .#a.rb #a.rb# .goutputstream-X] }

    before { make(".git/") }

    it "ignore files of editors and version control, which --verbose names" do
      command_line("--postpone", "--verbose", ".", "--", "echo", "{}", chdir: dir) do |program|
        touch(*noise, "a.rb")
        expect(program.line).to eq("./a.rb\n")
        expect(program.err).to include("ignored: created ./.a.rb.swp; see --no-default-ignore")
      end
    end

    it "are --no-default-ignore" do
      expect(ran("--no-default-ignore", "-d", "0.3", ".") { touch(*noise) }.split)
        .to match_array(noise.map { |name| "./#{name}" })
    end

    it "are none where changes are printed" do
      command_line(".", chdir: dir) do |program|
        touch(".a.rb.swp")
        expect(program.line).to eq("created    ./.a.rb.swp\n")
      end
    end

    it "do not hide a file that is renamed from one of these names" do
      touch(".goutputstream-X")
      expect(ran(".") { rename(".goutputstream-X", "a.rb") }).to eq("./a.rb\n")
    end

    it "make no run of opening and leaving vim" do
      skip "needs vim" unless system("vim", "--version", out: File::NULL)
      touch("a.rb")
      command = ["vim", "-u", "NONE", "-es", "-c", "set swapfile", "-c", "edit a.rb", "-c", "preserve", "-c", "qa!"]
      expect(ran("-d", "0.2", ".") { system(*command, chdir: dir) && touch("last") }).to eq("./last\n")
    end
  end

  describe "for COMMAND" do
    it "are variables by --env" do
      expect(ran("--env", "A=1=2", "--env", "B=", ".", command: ["sh", "-c", 'echo "$A${B-unset}"']) { touch("a") })
        .to eq("1=2\n")
    end

    it "are another directory by --workdir, where relative paths would lead elsewhere" do
      make("sub/")
      expect(ran("--workdir", "sub", ".", command: ["sh", "-c", 'echo "$(pwd) $1"', "sh", "{}"]) { touch("a") })
        .to eq("#{path("sub")} #{dir}/./a\n")
    end

    it "fail when --workdir is not there" do
      result = run_command_line("--workdir", "none", ".", "--", "true", chdir: dir)
      expect([result.status.exitstatus, result.err.lines.last]).to eq([126, "inotify_rs: there is no directory none\n"])
    end

    it "merge what happens within --delay-run" do
      found = ran("--delay-run", "0.5", ".") do
        touch("a")
        touch("b")
      end
      expect(found.split).to contain_exactly("./a", "./b")
    end

    it "are -r, which restarts" do
      command_line("-r", ".", "--", "sh", "-c", "echo begun; exec sleep 1000", chdir: dir) do |program|
        program.line
        touch("a")
        expect(program.line).to eq("begun\n")
      end
    end

    it "are other signals by --map-signal" do
      command = ["sh", "-c",
                 'trap "echo usr2" USR2; trap "echo int; exit" INT; echo begun; while :; do sleep 0.02; done']
      command_line("--map-signal", "USR1:USR2", "--map-signal", "TERM:INT", ".", "--", *command,
                   chdir: dir) do |program|
        program.line
        program.signal("USR1")
        expect(program.line).to eq("usr2\n")
        program.signal("TERM")
        expect([program.line, Signal.signame(program.wait.termsig)]).to eq(%W[int\n TERM])
      end
    end

    it "are none by --map-signal without the second, but --stop-signal at the end" do
      command = ["sh", "-c",
                 'trap "echo int; exit" INT; trap "echo wrong" TERM; echo begun; while :; do sleep 0.02; done']
      command_line("--map-signal", "TERM:", "--stop-signal", "INT", ".", "--", *command, chdir: dir) do |program|
        program.line
        program.signal("TERM")
        expect([program.line, Signal.signame(program.wait.termsig)]).to eq(%W[int\n TERM])
      end
    end

    it "print it, and run nothing, by --dry-run" do
      expect(ran("--dry-run", ".", command: ["rm", "-f", "{}", "a b"]) { touch("a") }).to eq("rm -f ./a 'a b'\n")
      expect(File.exist?(path("a"))).to be(true)
    end

    it "print what a shell takes for the same words by --dry-run" do
      words = ["it's", "a\"b", "$x", "\\", "", "ü"]
      line = run_command_line("--dry-run", "--timeout", "0", ".", "--", "printf", "%s|", *words, chdir: dir).out
      expect(IO.popen(["sh", "-c", line], &:read).b).to eq("#{words.join("|")}|".b)
    end

    it "print all command lines that it takes for many paths by --dry-run, and end as if they had succeeded" do
      touch_many(300)
      words = ["--dry-run", "--initial", "--exit-with-command", "--timeout", "60", ".", "--", "true", *["{}"] * 500]
      result = run_command_line(*words, chdir: dir)
      lines = result.out.lines.map { |line| line.split.drop(1) }
      expect([lines.size > 1, lines.sum(&:size), result.status.exitstatus]).to eq([true, 500 * 301, 0])
    end

    it "show a notification by --notify" do
      File.write(path("notify-send"), "#!/bin/sh\nprintf '%s|' \"$@\" >>\"$0.log.tmp\"; mv \"$0.log.tmp\" \"$0.log\"\n",
                 perm: 0o755)
      environment = { "PATH" => "#{dir}:#{ENV.fetch("PATH")}" }
      run_command_line("--notify", "--exit-with-command", "-i", "notify-*", ".", "--", "false",
                       chdir: dir, environment: environment)
      wait_until { File.exist?(path("notify-send.log")) }
      expect(File.read(path("notify-send.log")))
        .to match(/\A--urgency\|critical\|inotify_rs\|false: status 1 after \d+\.\d\d s\|\z/)
    end

    it "report that notify-send is missing" do
      environment = { "PATH" => path("bin") }
      make("bin/")
      File.symlink("/bin/sh", path("bin/sh"))
      result = run_command_line("--notify", "--exit-with-command", ".", "--", "/bin/true",
                                chdir: dir, environment: environment)
      expect(result.err.lines.last).to eq("inotify_rs: --notify needs the program notify-send\n")
    end

    it "are the letters -p, -c and -d, too" do
      expect(ran("-c", "-p", "-d", "0.1", ".") { touch("a") }).to eq("./a\n")
    end
  end

  describe "for lines" do
    it "are a time as strftime has it" do
      command_line("--format", "{time:%Y:%%} {path}", ".", chdir: dir) do |program|
        touch("a")
        expect(program.line).to eq("#{Time.now.year}:% ./a\n")
      end
    end

    it "are a file by --output, which SIGHUP opens anew" do
      make("tree/")
      command_line("--output", "log", "tree", chdir: dir) do |program|
        touch("tree/a")
        wait_until { File.size?(path("log")) }
        rename("log", "log.1")
        program.signal("HUP")
        wait_until { File.exist?(path("log")) }
        touch("tree/b")
        wait_until { File.size?(path("log")) }
        expect([File.read(path("log.1")), File.read(path("log"))]).to eq(["created    tree/a\n", "created    tree/b\n"])
      end
    end

    it "are a file by --output that may be in the tree" do
      command_line("--output", "log", ".", chdir: dir) do |_|
        touch("a", "b")
        wait_until { File.read(path("log")).include?("./b") }
        expect(File.read(path("log"))).not_to include("./log")
      end
    end
  end

  describe "for the end" do
    it "are --stdin-quit, with and without COMMAND" do
      [[], ["--", "sleep", "1000"]].each do |command|
        reader, writer = IO.pipe
        command_line("--stdin-quit", ".", *command, chdir: dir, in: reader) do |program|
          writer.close
          expect(program.wait.exitstatus).to eq(0)
        end
      ensure
        [reader, writer].each(&:close)
      end
    end
  end

  {
    %w[--exts ,] => "--exts takes a list such as rb,erb, not \",\"",
    %w[--env A . -- true] => "--env takes NAME=VALUE, not \"A\"",
    %w[--map-signal TERM . -- true] => "--map-signal takes two signals, such as TERM:INT, not \"TERM\"",
    %w[--map-signal KILL:INT . -- true] => "--map-signal takes a signal that can be caught, not \"KILL\"",
    %w[--map-signal SIGSEGV:INT . -- true] => "--map-signal takes a signal that can be caught, not \"SEGV\"",
    ["--format", "{time:%}", "."] =>
      "{time:} in --format takes a format of strftime(3), such as %H:%M, not \"%\"",
    %w[--output log . -- true] => "--output cannot be used with a COMMAND"
  }.each do |arguments, message|
    it "are wrong with #{arguments.inspect}" do
      result = run_command_line(*arguments, chdir: dir)
      expect([result.status.exitstatus, result.err])
        .to eq([2, "inotify_rs: #{message}; see `inotify_rs --help`\n"])
    end
  end
end
