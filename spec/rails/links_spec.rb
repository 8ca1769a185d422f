# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and symbolic links" do
  before { write("in/a.rb", "out/b.rb", "other/c.rb") }

  def link(target, name) = File.symlink(target, path(name))

  def checker_of(name = "in") = checker({ path(name) => "rb" })

  # One that has a file system of its own where `out` is, and makes the files whose paths it gets.
  def in_another_namespace
    script = <<~SHELL
      mount -t tmpfs none "$0" && echo ready || echo "not here"
      while read -r path; do mkdir -p "${path%/*}" && : > "$path" && echo made; done
    SHELL
    IO.popen(["unshare", "-Urm", "sh", "-c", script, path("out")], "r+", err: File::NULL) do |process|
      skip "no mount namespaces here" unless process.gets == "ready\n"
      yield process
    end
  end

  # One whose working directory is `out`, until the block ends.
  def in_another_process(&block)
    IO.popen(["cat"], "r+", chdir: path("out"), &block)
  end

  it "follows the link that a given directory is, and follows it again when it changes" do
    link("out", "link")
    checker = checker_of("link")
    write("out/b.rb")
    expect(noticed?(checker)).to be true
    File.delete(path("link"))
    link("other", "link")
    expect(noticed?(checker)).to be true
    reported = %w[other/c.rb out/b.rb].map { |name| write(name) && noticed?(checker) }
    expect(reported).to eq [true, false]
  end

  it "notices that the link to a release is replaced by a rename" do
    link("out", "current")
    checker = checker_of("current")
    link("other", "next")
    File.rename(path("next"), path("current"))
    expect(noticed?(checker)).to be true
    write("other/c.rb")
    expect(noticed?(checker)).to be true
  end

  it "follows links to directories in the tree, those made later too" do
    link("../out", "in/first")
    checker = checker_of
    write("out/b.rb")
    expect(noticed?(checker)).to be true
    link(path("other"), "in/second")
    expect(noticed?(checker)).to be true
    write("other/deep/d.rb")
    expect(noticed?(checker)).to be true
  end

  it "notices that the target of a link in the tree is removed and made again" do
    link("../out", "in/first")
    checker = checker_of
    FileUtils.rm_r(path("out"))
    expect(noticed?(checker)).to be true
    write("out/b.rb")
    expect(noticed?(checker)).to be true
  end

  it "forgets the target of a link that is removed" do
    link("../out", "in/first")
    checker = checker_of
    File.delete(path("in/first"))
    expect(noticed?(checker)).to be true
    write("out/b.rb")
    expect(noticed?(checker)).to be false
  end

  it "follows links to files, in the tree and given ones" do
    link("../out/b.rb", "in/b.rb")
    link("other/c.rb", "c.rb")
    checkers = [checker_of, checker({}, files: [path("c.rb")])]
    write("out/b.rb")
    expect(checkers.map { |checker| noticed?(checker) }).to eq [true, false]
    write("other/c.rb")
    expect(checkers.map { |checker| noticed?(checker) }).to eq [false, true]
  end

  it "notices when what a dangling link leads to appears" do
    link("../later", "in/later")
    checker = checker_of
    write("later/a.rb")
    expect(noticed?(checker)).to be true
    write("later/a.rb")
    expect(noticed?(checker)).to be true
  end

  # What the link leads to at first, in a directory where these extensions count.
  [["nothing", [], nil], ["a file", [], "later"], ["nothing", ["rb"], nil], ["a file", ["rb"], "later"]]
    .each do |what, extensions, file|
    it "notices what is in a directory that takes the place of #{what}, with the extensions #{extensions}" do
      write(file) if file
      %w[link link.rb].each { |name| link("../later", "in/#{name}") }
      checker = checker({ path("in") => extensions })
      File.delete(path(file)) if file
      write("later/a.rb")
      expect(noticed?(checker)).to be true
      write("later/a.rb")
      expect(noticed?(checker)).to be true
    end
  end

  it "notices that a file takes the place of a directory that a link leads to" do
    link("../out", "in/link.rb")
    checker = checker_of
    FileUtils.rm_r(path("out"))
    expect(noticed?(checker)).to be true
    write("out")
    expect(noticed?(checker)).to be true
    write("out")
    expect(noticed?(checker)).to be true
  end

  it "does not count by itself a directory that a link leads to" do
    link("../out", "in/link.rb")
    checker = checker_of
    File.chmod(0o700, path("out"))
    write("out/unrelated.txt")
    expect(noticed?(checker)).to be false
  end

  it "finishes where links go in circles, and still notices" do
    link("..", "in/up")
    link("../out", "in/out")
    link("../in", "out/in")
    checker = within { checker_of }
    %w[in/a.rb out/b.rb other/c.rb].each do |name|
      write(name)
      expect(noticed?(checker)).to be true
    end
  end

  it "goes on watching a directory by another link when one is removed" do
    link("../out", "in/first")
    link("../out", "in/second")
    checker = checker_of
    %w[in/first in/second].each do |name|
      write("out/b.rb")
      expect(noticed?(checker)).to be true
      File.delete(path(name))
      noticed?(checker)
    end
    write("out/b.rb")
    expect(noticed?(checker)).to be false
  end

  it "follows a link of /proc to what the kernel means by it, whatever its text is" do
    in_another_namespace do |process|
      checker = checker({ "/proc/#{process.pid}/root#{path("out")}" => "rb" })
      write("out/b.rb")
      expect(noticed?(checker)).to be false
      process.puts(path("out/deep/c.rb"))
      process.gets
      expect(noticed?(checker)).to be true
    end
  end

  it "watches a file that a link of /proc leads to" do
    File.open(path("in/a.rb")) do |file|
      checker = checker({}, files: ["/proc/self/fd/#{file.fileno}"])
      reported = %w[in/a.rb out/b.rb].map { |name| write(name) && noticed?(checker) }
      expect(reported).to eq [true, false]
    end
  end

  it "goes up from what a link of /proc leads to" do
    in_another_process do |process|
      checker = checker({ "/proc/#{process.pid}/cwd/../other" => "rb" })
      reported = %w[other/c.rb out/b.rb].map { |name| write(name) && noticed?(checker) }
      expect(reported).to eq [true, false]
    end
  end

  it "gives up where a link leads to itself" do
    link("loop", "loop")
    checker = checker_of("loop")
    expect(checker.updated?).to be false
  end
end
