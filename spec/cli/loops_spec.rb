# frozen_string_literal: true

RSpec.describe "inotify_rs where its own output is watched" do
  # Runs it with its output in a watched file.
  def into_file(*arguments, **options)
    command_line(*arguments, chdir: dir, out: path("log"), **options) { |program| yield program, path("log") }
  end

  # The clock that files get their times from is coarse.
  def wait_for_tick
    now = Process.clock_gettime(Process::CLOCK_REALTIME)
    wait_until { Process.clock_gettime(Process::CLOCK_REALTIME_COARSE) > now }
  end

  it "does not report the file of its standard output, and says so once" do
    into_file(".") do |program, log|
      touch("a")
      wait_until { File.read(log).include?("created    ./a") }
      touch("b")
      wait_until { File.read(log).include?("created    ./b") }
      expect([File.read(log).lines.size, program.err.scan("./log is not reported: the output is written to it").size])
        .to eq([2, 1])
    end
  end

  it "does not report it by another name" do
    touch("log")
    File.link(path("log"), path("other"))
    into_file("other", ".") do |_, log|
      touch("a")
      wait_until { File.read(log).include?("created    ./a") }
      touch("b")
      wait_until { File.read(log).include?("created    ./b") }
      expect(File.read(log)).not_to include("log", "other")
    end
  end

  it "does not report the events of it" do
    into_file("--events", "--types", "modify,create", ".") do |_, log|
      touch("a", "b")
      wait_until { File.read(log).include?('"./b"') }
      expect(File.read(log)).not_to include('"./log"')
    end
  end

  it "does not run COMMAND for what COMMAND prints there" do
    into_file(".", "--", "echo", "ran", "{}") do |program, log|
      wait_until { program.err.include?("status 0") }
      touch("a")
      wait_until { File.read(log).include?("ran ./a") }
      expect(File.read(log)).to eq("ran\nran ./a\n")
    end
  end

  it "reports a COMMAND that writes where it watches, and slows down" do
    command_line(".", "--", "sh", "-c", "echo ran; date +%N >>out", chdir: dir) do |program|
      lines(program, 4)
      wait_until { program.err.include?("each run follows from changes during the run before") }
      expect(program.err).to match(%r{such as to \./out; if COMMAND makes them, --ignore out, --on-busy ignore or})
      begun = now
      lines(program, 2)
      expect(now - begun).to be > 1
    end
  end

  it "runs at once for others while it slows down" do
    command_line(".", "--", "sh", "-c", 'echo "$*"; date +%N >>out', "sh", "{}", chdir: dir) do |program|
      wait_until { program.err.include?("each run follows") }
      touch("new")
      program.line_matching(%r{\./new})
      expect(program.err.scan("each run follows").size).to be >= 1
    end
  end

  it "reports a COMMAND that is restarted by its own writes" do
    command = ["sh", "-c", "echo begun; date +%N >>out; exec sleep 1000"]
    command_line("--on-busy", "restart", ".", "--", *command, chdir: dir) do |program|
      lines(program, 4)
      wait_until { program.err.include?("each run follows from changes during the run before") }
      expect(program.err).to include("such as to ./out")
    end
  end

  it "reports nothing about runs for changes between them" do
    command_line(".", "--", "echo", "ran", "{}", chdir: dir) do |program|
      program.line
      5.times do |number|
        wait_until { program.err.scan("status 0").size > number }
        wait_for_tick
        File.write(path("file"), number.to_s)
        expect(program.line).to eq("ran ./file\n")
      end
      expect(program.err).not_to include("each run follows")
    end
  end
end
