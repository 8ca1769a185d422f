# frozen_string_literal: true

# Each ```ruby block runs as it stands, in an empty directory; a ```text block behind it is what it prints.
RSpec.describe "README.md" do
  readme = File.join(Program::ROOT, "README.md")
  text = File.read(readme, encoding: "UTF-8")
  examples = text.to_enum(:scan, /^```ruby\n(.*?)^```\n(?:```text\n(.*?)^```\n)?/m).map do
    match = Regexp.last_match
    [match.pre_match.count("\n") + 2, match[1], match[2]]
  end

  def timeless(output) = output.gsub(/[\d.]+ seconds/, "some seconds")

  # Without warnings of other gems.
  def own(messages) = messages.lines.grep_v(%r{\A/.*/(gems|vendor_ruby)/.*: warning: }).join

  it "has examples" do
    expect(examples.size).to be > 5
  end

  examples.each do |line, script, output|
    it "shows at line #{line} what runs, and prints what it says" do
      result = Program.run(*Program.ruby("-w", "-I", Children::LIB, "-e", script), chdir: dir)
      expect([result.status.exitstatus, own(result.err)]).to eq([0, ""])
      expect(timeless(result.out)).to eq(timeless(output || ""))
    end
  end

  it "names the version of Rust that Cargo.toml asks for" do
    rust = File.read(File.join(Program::ROOT, "Cargo.toml"))[/^rust-version = "(.+)"/, 1]
    expect(text.scan(/Rust (\d\S+)/).flatten.uniq).to eq([rust])
  end

  it "names the gem that `rake build` makes" do
    expect(text.scan(/inotify_rs-(\S+)\.gem/).flatten.uniq).to eq([Inotify::VERSION])
  end

  it "names every public method in its table, but for those that every Ruby object has" do
    table = text[/^## All of it$.*?^## /m]
    names = [Inotify.singleton_methods(false),
             [Inotify::Event, Inotify::Instance, Inotify::Watch].flat_map { |c| c.public_instance_methods(false) }]
    flags = Inotify::Event.public_instance_methods(false).grep(/\?\z/)
    missing = (names.flatten - Object.instance_methods - flags - %i[deconstruct_keys]).reject do |name|
      table.match?(/[`#. ]#{Regexp.escape(name)}[`(, ]/)
    end
    expect(missing).to be_empty
  end
end
