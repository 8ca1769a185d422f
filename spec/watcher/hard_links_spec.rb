# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "of a file that has several names" do
  before do
    make("other/", "given/a" => "1")
    File.link(path("given/a"), path("other/b"))
  end

  it "reports what is written through another name, once" do
    watcher = watch("given/a")
    File.write(path("other/b"), "22")
    expect(reported(watcher)).to eq [[:modified, "given/a"]]
    File.write(path("given/a"), "333")
    expect([reported(watcher), watcher.audit]).to eq [[[:modified, "given/a"]], []]
  end

  it "reports it behind a symbolic link" do
    File.symlink("given", path("link"))
    watcher = watch("link/a")
    File.write(path("other/b"), "22")
    expect(reported(watcher)).to eq [[:modified, "link/a"]]
  end

  it "forgets the other name when another file takes its place" do
    watcher = watch("given/a")
    save_atomically("given/a", "22")
    changes(watcher)
    File.write(path("other/b"), "333")
    expect([reported(watcher), watcher.audit]).to eq [[], []]
  end

  it "reports it when the other file that takes its place has several names, too" do
    watcher = watch("given/a")
    make("other/c" => "1")
    File.link(path("other/c"), path("given/new"))
    File.rename(path("given/new"), path("given/a"))
    changes(watcher)
    File.write(path("other/c"), "333")
    expect(reported(watcher)).to eq [[:modified, "given/a"]]
  end

  it "goes on without the other name, and reports that it is deleted" do
    watcher = watch("given/a")
    File.unlink(path("other/b"))
    changes(watcher)
    File.write(path("given/a"), "22")
    expect(reported(watcher)).to eq [[:modified, "given/a"]]
    File.unlink(path("given/a"))
    expect([reported(watcher), watcher.audit]).to eq [[[:deleted, "given/a"]], []]
  end

  it "gives no watch of its own to a file that has one name" do
    File.unlink(path("other/b"))
    watcher = watch("given/a")
    expect(watcher.stats[:watches]).to eq 1
  end
end
