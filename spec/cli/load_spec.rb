# frozen_string_literal: true

RSpec::Matchers.define_negated_matcher :not_match, :match

RSpec.describe "inotify_rs/cli" do
  # What a program prints.
  def printed(script)
    result = Program.run(*Program.ruby("-w", "-I", Children::LIB, "-e", script))
    (result.out + result.err).gsub(Program::ROOT, "")
  end

  it "is not loaded with the library, nor what it is made of" do
    loaded = printed('require "inotify_rs"; Inotify::Watcher; puts $LOADED_FEATURES')
    expect(loaded).not_to match(%r{/(cli|optparse|json|pty|etc|open3)[./]})
  end

  it "loads neither the library nor anything else when it is required" do
    loaded = printed('before = $LOADED_FEATURES.dup; require "inotify_rs/cli"; puts $LOADED_FEATURES - before')
    expect(loaded.lines.map { |file| File.basename(file.chomp) }).to eq(%w[version.rb cli.rb])
  end

  it "prints the version without loading more" do
    script = 'require "inotify_rs/cli"; before = $LOADED_FEATURES.dup; Inotify::CLI.run(["--version"]); ' \
             "puts $LOADED_FEATURES - before"
    expect(printed(script)).to eq("inotify_rs #{Inotify::VERSION}\n")
  end

  it "loads only the parts that the options need, and nothing of Ruby's library" do
    script = 'require "inotify_rs/cli"; before = $LOADED_FEATURES.dup; ' \
             "Inotify::CLI.run(%w[-q --timeout 0 /dev/null]); puts $LOADED_FEATURES - before"
    loaded = printed(script).lines(chomp: true)
    # It notices when the reader of its output leaves.
    expect(loaded.grep_v(%r{/lib/inotify_rs[./]|/io/wait\.so})).to eq([])
    expect(loaded.map { |file| File.basename(file, ".rb") }).not_to include(
      "checks", "command", "completion", "doctor", "help", "init", "job", "json_lines", "kernel_events", "limit",
      "man_page", "processes", "react", "rules", "runs", "template", "terminal"
    )
  end

  it "loads the library only to watch, or to examine what can be watched" do
    loaded = [%w[--help], %w[man], %w[completion bash], %w[--unknown]].map do |arguments|
      printed("require 'inotify_rs/cli'; Inotify::CLI.run(#{arguments}); puts $LOADED_FEATURES")
    end
    expect(loaded).to all(match(%r{/cli/main\.rb}).and(not_match(%r{/inotify_rs\.(rb|so)|/event\.rb})))
  end

  it "works where lib/ is not in the load path" do
    expect(Program.run(Program::OUTSIDE, File.join(Program::ROOT, "exe/inotify_rs"), "--version", chdir: "/").out)
      .to eq("inotify_rs #{Inotify::VERSION}\n")
  end

  it "returns the exit status" do
    require "inotify_rs/cli"
    expect { expect(Inotify::CLI.run(["--version"])).to eq(0) }.to output(/\d/).to_stdout
  end
end
