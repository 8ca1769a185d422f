# frozen_string_literal: true

# The native thread has a working directory of its own.
RSpec.describe Inotify::Watcher, "and the working directory" do
  it "leaves it where it is, whatever the watcher looks at" do
    before = Dir.pwd
    watcher = watch
    seen = Array.new(50) { |number| make("#{number}/a/b/").then { watcher.sync && Dir.pwd } }
    expect(seen.uniq).to eq [before]
  end

  it "does not stay in a directory that it watches" do
    make("a/b/")
    watch
    places = Tasks.map("self") { |task| File.readlink("#{task}/cwd") }.values
    expect(places.select { |place| place.start_with?(dir) }).to be_empty
  end

  it "may be changed meanwhile, and relative paths stay what they were" do
    make("a/", "elsewhere/")
    watcher = Dir.chdir(dir) { new_watcher("a") }
    Dir.chdir(path("elsewhere")) do
      make("a/b/c")
      expect(all_changes(watcher).map(&:path)).to contain_exactly("a/b", "a/b/c")
    end
  end
end
