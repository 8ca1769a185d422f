# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#audit" do
  before { make("a/b/c", "d", "e/") }

  def wd_of(name)
    inode = File.stat(path(name)).ino.to_s(16)
    kernel_watches.find { |line| line.include?(" ino:#{inode} ") }[/wd:(\h+)/, 1].hex
  end

  it "is empty when all is well" do
    expect(watcher.audit).to eq []
  end

  it "is empty after much has happened" do
    watcher = watcher()
    make("a/x/y/z", "n/o/p")
    rename("a", "n/a")
    FileUtils.rm_r(path("n/o"))
    expect(watcher.audit).to eq []
  end

  it "is empty with filters of every kind" do
    make("tmp/x", "log/y", "f.rb", "s/g.rb")
    File.write(path(".gitignore"), "log/")
    options = [{ only: "*.rb" }, { ignore: "tmp/" }, { ignore: /tmp/, only: /\.rb/ }, { gitignore: true }]
    expect(options.map { |it| watcher(**it).audit }).to eq [[]] * 4
  end

  it "is empty for single files, roots that are not there, and what is not entered" do
    expect([watcher(path("d"), path("none")).audit, watcher(recursive: false).audit]).to eq [[], []]
  end

  it "names a watch that belongs to nothing" do
    watcher = watcher()
    Dir.mktmpdir do |elsewhere|
      wd = Inotify.add_watch(inotify_fds.first, elsewhere, :attrib)
      expect(watcher.audit).to eq ["the kernel has watch #{wd}, which belongs to nothing"]
    end
  end

  it "finds what a silenced watch did not tell" do
    watcher = watcher()
    # The same inode: this replaces what is watched for.
    Inotify.add_watch(inotify_fds.first, path("a/b"), :open)
    make("a/b/new")
    File.delete(path("a/b/c"))
    expect(watcher.audit).to eq ["there, but not known: #{path("a/b/new")}", "known, but not there: #{path("a/b/c")}"]
  end

  it "finds what has become something else" do
    watcher = watcher()
    Inotify.add_watch(inotify_fds.first, dir, :open)
    FileUtils.rm(path("d"))
    make("d/")
    expect(watcher.audit).to include("of another kind than known: #{path("d")}")
  end

  it "mends a watch that was removed behind its back" do
    watcher = watcher()
    Inotify.rm_watch(inotify_fds.first, wd_of("a/b"))
    make("a/b/new")
    expect(told(watcher)).to include([:created, "a/b/new"])
    expect(watcher.audit).to eq []
  end

  it "raises IOError when the watcher is closed" do
    watcher = watcher()
    watcher.close
    expect { watcher.audit }.to raise_error(IOError, /closed/)
  end
end
