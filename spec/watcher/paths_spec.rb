# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#paths" do
  it "returns all paths it knows, directories before what is in them" do
    make("a/b/", "a/x" => "1", "c" => "1")
    paths = watch.paths
    expect(paths).to match_array [dir, *%w[a a/b a/x c].map { |name| path(name) }]
    expect(paths.index(path("a"))).to be < [path("a/b"), path("a/x")].map { |it| paths.index(it) }.min
  end

  it "knows what has happened" do
    watcher = watch
    make("a/b/c" => "1")
    File.rename(path("a/b"), path("d"))
    expect(known(synced(watcher))).to eq %w[a d d/c]
  end

  it "returns Strings in the filesystem encoding, new ones each time" do
    touch("a")
    watcher = watch
    watcher.paths.each { |it| it << "changed" }
    expect(watcher.paths.last).to eq(path("a")).and have_attributes(encoding: Encoding.find("filesystem"))
  end

  it "takes no changes away" do
    watcher = watch
    touch("a")
    synced(watcher).paths
    expect(reported(watcher)).to eq [[:created, "a"]]
  end

  it "returns what a predicate includes as changes do, not a link to a directory that is not followed" do
    make("a/x.rb" => "1", "a/y" => "1")
    watcher = watch(only: [/\.rb\z/])
    File.symlink("a", path("link"))
    expect(known(synced(watcher))).to eq ["a/x.rb"]
    expect(reported(watcher)).to eq []
  end

  it "raises IOError once it is closed" do
    watcher = watch
    watcher.close
    expect { watcher.paths }.to raise_error IOError, /closed/
  end
end
