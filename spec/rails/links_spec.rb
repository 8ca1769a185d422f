# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and symbolic links" do
  before { write("in/a.rb", "out/b.rb", "other/c.rb") }

  def link(target, name) = File.symlink(target, path(name))

  def checker_of(name = "in") = checker({ path(name) => "rb" })

  it "follows the link that a given directory is, and follows it again when it changes" do
    link("out", "link")
    checker = checker_of("link")
    write("out/b.rb")
    expect(noticed?(checker)).to be true
    File.delete(path("link"))
    link("other", "link")
    expect(noticed?(checker)).to be true
    told = %w[other/c.rb out/b.rb].map { |name| write(name) && noticed?(checker) }
    expect(told).to eq [true, false]
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

  it "gives up where a link leads to itself" do
    link("loop", "loop")
    checker = checker_of("loop")
    expect(checker.updated?).to be false
  end
end
