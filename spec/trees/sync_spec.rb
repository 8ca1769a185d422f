# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#sync" do
  it "is true when what happened before can be taken without waiting, whatever the debounce" do
    watcher = watcher(debounce: 60)
    make("a", "d/b")
    expect(watcher.sync).to be true
    expect(short(watcher.take(timeout: 0))).to eq [[:created, "a"], [:created, "d"], [:created, "d/b"]]
  end

  it "is true at once when nothing happened" do
    expect(within { watcher(debounce: 60).sync }).to be true
  end

  it "reports what is below directories that were made and filled just before" do
    watcher = watcher(debounce: 60)
    make("a/b/c/d/e")
    watcher.sync
    expect(watcher.take(timeout: 0).map { |change| below(change.path) }.sort).to eq %w[a a/b a/b/c a/b/c/d a/b/c/d/e]
  end

  it "touches no file" do
    watcher = watcher()
    before = File.stat(dir)
    instance = instance_watching(:all_events)
    watcher.sync
    expect(drain(instance).reject(&:isdir?)).to be_empty
    expect([File.stat(dir).mtime, File.stat(dir).ctime]).to eq [before.mtime, before.ctime]
  end

  it "is true when another thread takes what happened" do
    watcher = watcher(debounce: 60)
    taken = Thread::Queue.new
    watcher.start { |changes| taken << changes }
    make("a")
    watcher.sync
    expect(within { short(taken.pop) }).to eq [[:created, "a"]]
  end

  it "is false when the time is over" do
    watcher = watcher(ignore: ->(_path) { false })
    # Nobody else is there to judge the directory.
    make("a/")
    expect(watcher.sync(timeout: 0)).to be false
  end

  it "opens no descriptor for good" do
    watcher = watcher()
    watcher.sync
    before = DescriptorLeaks.open_descriptors
    50.times { watcher.sync }
    # The thread closes the directories that it has scanned after it has replied.
    left = what_remains { DescriptorLeaks.open_descriptors.reject { |number, target| before[number] == target } }
    expect(left).to be_empty
  end

  it "raises IOError when the watcher is closed" do
    watcher = watcher()
    watcher.close
    expect { watcher.sync }.to raise_error(IOError, /closed/)
  end

  it "refuses a timeout that is no number" do
    expect { watcher.sync(timeout: "soon") }.to raise_error(TypeError)
  end

  it "raises IOError in a forked child" do
    watcher = watcher()
    expect(forked { watcher.sync }).to be_an(IOError).and(have_attributes(message: /belongs to process/))
  end

  it "can be asked by many threads at once" do
    watcher = watcher()
    threads = Array.new(8) { |number| Thread.new { make("f#{number}").then { watcher.sync } } }
    expect(within { threads.map(&:value) }).to all(be true)
    expect(reported(watcher).map(&:last).uniq.size).to eq 8
  end
end
