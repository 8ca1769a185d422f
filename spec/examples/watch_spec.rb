# frozen_string_literal: true

require "tmpdir"
require_relative "../support/child"

RSpec.describe "examples/watch.rb" do
  let(:dir) { Dir.mktmpdir }
  let(:script) { Child.ruby(File.join(Child::ROOT, "examples/watch.rb")) }

  after { FileUtils.remove_entry(dir) if File.exist?(dir) }

  def watch(path = dir)
    Child.open(*script, path) do |child|
      child.watching
      yield child
    end
  end

  # The lines up to the first that matches.
  def lines(child, last)
    lines = [child.line]
    lines << child.line until lines.last.match?(last)
    lines
  end

  it "prints wd, mask, cookie, len and name of each event as it happens" do
    watch do |child|
      File.write(File.join(dir, "new"), "content")
      expect(lines(child, /mask: 0x8,/)).to eq([
        "wd: 1, mask: 0x100, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x20, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x2, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x8, cookie: 0, len: 16, name: \"new\"\n"
      ])
    end
  end

  it "prints the same cookie for both halves of a rename" do
    File.write(File.join(dir, "old"), "")
    watch do |child|
      File.rename(File.join(dir, "old"), File.join(dir, "new"))
      halves = lines(child, /"new"/).map { |line| line[/cookie: (\d+)/, 1] }
      expect(halves).to match([halves.last, /[1-9]/])
    end
  end

  it "prints an empty name for a watched file" do
    file = File.join(dir, "file")
    File.write(file, "")
    watch(file) do |child|
      File.chmod(0o600, file)
      expect(child.line).to eq("wd: 1, mask: 0x4, cookie: 0, len: 0, name: \"\"\n")
    end
  end

  it "prints names of any bytes" do
    watch do |child|
      Dir.mkdir(File.join(dir, "caf\xE9\e".b))
      expect(child.line).to end_with(%(name: "caf\\xE9\\e"\n))
    end
  end

  %w[INT TERM HUP].each do |name|
    it "ends at once with status 0, and quietly, on SIG#{name}" do
      watch do |child|
        child.signal(name)
        expect([child.wait(5).exitstatus, child.out.read, child.err]).to eq([0, "", ""])
      end
    end
  end

  it "uses no processor time while nothing happens" do
    watch do |child|
      before = child.ticks
      expect(child.out.wait_readable(1)).to be_nil
      expect(child.ticks).to eq(before)
    end
  end

  it "ends by itself when what it watches is removed" do
    watch do |child|
      Dir.rmdir(dir)
      expect(child.wait.exitstatus).to eq(0)
      expect(child.out.read).to include("mask: 0x400,", "mask: 0x8000,")
    end
  end

  it "ends quietly when its reader has left" do
    watch do |child|
      child.out.close
      File.write(File.join(dir, "new"), "")
      expect([child.wait.exitstatus, child.err]).to eq([0, ""])
    end
  end

  it "says what is wrong with a bad path, with status 1" do
    child = Child.run(*script, "/no/such/place")
    expect([child.status.exitstatus, child.out]).to eq([1, ""])
    expect(child.err).to match(%r{\A\S*watch\.rb: No such file or directory - .*/no/such/place\n\z})
  end

  it "says how it is used without a path, with status 1" do
    child = Child.run(*script)
    expect([child.status.exitstatus, child.out]).to eq([1, ""])
    expect(child.err).to match(/\Ausage: \S*watch\.rb PATH\n\z/)
  end

  it "works from any directory and without -I" do
    Child.open(*script, ".", chdir: dir) do |child|
      child.watching
      Dir.mkdir(File.join(dir, "here"))
      expect(child.line).to include("name: \"here\"")
    end
  end
end
