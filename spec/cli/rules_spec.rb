# frozen_string_literal: true

RSpec.describe "the rules of inotify_rs" do
  include Survivors

  def rules(text) = File.write(path(".inotify_rs.yml"), text)

  # Runs the rules beside the block.
  def running(*arguments, &block)
    Program.start(*CommandLine::COMMAND, *arguments, chdir: dir, &block)
  end

  def status(*arguments)
    result = run_command_line(*arguments, chdir: dir)
    [result.status.exitstatus, result.err]
  end

  let(:two) { <<~YAML }
    one:
      paths: [a]
      run: echo ran one {}
    three:
      paths: [b]
      exts: [rb, erb]
      ignore: ["x*"]
      recursive: false
      on-busy: restart
      run: [echo, "ran {}"]
  YAML

  before { make("a/", "b/") }

  it "run side by side, each with its filters and its name before its lines" do
    rules(two)
    running do |program|
      2.times { program.line_matching(/ready: watching/) }
      touch("a/file", "b/file.txt", "b/x.rb", "b/file.rb")
      found = Array.new(2) { program.line_matching(/\| ran.*file/) }
      expect(found).to contain_exactly("one   | ran one a/file\n", "three | ran b/file.rb\n")
      program.signal("TERM")
    end
  end

  it "are those that are named, with run" do
    rules(two)
    running("run", "three") do |program|
      expect(program.line_matching(/ready/)).to start_with("three | inotify_rs: ready")
      program.signal("INT")
      expect([Signal.signame(program.wait.termsig), program.out.read]).to match(["INT", /\A(?:three \| .*\n)*\z/])
    end
  end

  %w[TERM KILL].each do |signal|
    it "end with all they run by SIG#{signal}" do
      rules("one:\n  run: echo pid $$; exec sleep 1000\n")
      running do |program|
        pid = Integer(program.line_matching(/pid/)[/\d+/])
        program.signal(signal)
        program.wait
        wait_for_death(pid)
        expect(alive?(pid)).to be(false)
      end
    end
  end

  it "end when all have ended, with the status of one that failed" do
    rules("one:\n  run: exit 3\n  exit-with-command: true\ntwo:\n  run: exit 0\n  exit-with-command: true\n")
    expect(status.first).to eq(3)
  end

  {
    "" => [1, "it has no rules: `NAME:` with `paths:` and `run:` below"],
    "one: text" => [1, "one: it needs `paths:` and `run:`"],
    "one:\n  colour: red" => [1, "one: unknown entry colour; see `inotify_rs --help`"],
    "one:\n  no-colour: true" => [1, "one: unknown entry colour; see `inotify_rs --help`"],
    "one:\n  no-recursive: 3\n  run: x" => [1, "one: no-recursive is true or false, not 3"],
    "one:\n  stdin-quit: true\n  run: x" => [1, "one: stdin_quit is only for the command line"],
    "one:\n  no-tty: true\n  run: x" => [1, "one: tty is only for the command line"],
    "one:\n  shell: 3\n  run: x" => [1, "one: shell is true or false, not 3"],
    "one:\n  count: x\n  run: x" =>
      [2, "one: --count takes a number, 1 or more, not \"x\"; see `inotify_rs --help`"]
  }.each do |text, (status, message)|
    it "say what is wrong with #{text.inspect}" do
      rules(text)
      expect(status("run")).to eq([status, "inotify_rs: .inotify_rs.yml: #{message}\n"])
    end
  end

  it "say what is wrong with what is no YAML, and with rules that are not there" do
    rules("one: [")
    expect(status).to match([1, /\Ainotify_rs: \.inotify_rs\.yml: .*line \d/])
    rules(two)
    expect(status("run", "four")).to match([2, /has no rule four; it has one, three/])
    File.delete(path(".inotify_rs.yml"))
    expect(status("run")).to eq([1, "inotify_rs: .inotify_rs.yml: No such file or directory - .inotify_rs.yml\n"])
  end

  it "are not used where there are arguments" do
    rules("one: [")
    expect(status("--quiet", "--timeout", "0", ".")).to eq([124, ""])
  end

  describe "that init writes" do
    def init
      result = run_command_line("init", chdir: dir)
      expect([result.status.exitstatus, result.err]).to eq([0, ""])
      [result.out, File.read(path(".inotify_rs.yml"))]
    end

    it "are for a Rails application" do
      make("config/application.rb", "app/", "test/", "Gemfile")
      line, rules = init
      expect(line).to end_with("a Rails application: tests, server\n")
      expect(rules).to match(%r{paths: \[app, config, test\].*run: bin/rails test$.*run: bin/rails server$}m)
    end

    it "are for a gem" do
      make("lib/", "spec/", "x.gemspec", "Gemfile", ".rubocop.yml")
      line, rules = init
      expect(line).to end_with("a gem: specs, rubocop\n")
      expect(rules).to include("paths: [lib, spec]\n  exts: [rb]\n  run: bundle exec rspec\n")
    end

    it "are for any project, and run" do
      expect(init.first).to include("a project: changes")
      running do |program|
        program.line_matching(/ready/)
        touch("new")
        expect(program.line_matching(/changed/)).to eq("changes | changed: ./new\n")
      end
    end

    it "do not replace others" do
      rules(two)
      expect(status("init")).to eq([1, "inotify_rs: .inotify_rs.yml exists already\n"])
    end
  end
end
