# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#sync" do
  it "puts all that happened before it into the next batch, however long the debounce" do
    watcher = watch(debounce: 3600)
    100.times do |number|
      make("#{number}/sub/file" => "1")
      expect(watcher.sync).to be true
      expect(short(watcher.take(timeout: 0)))
        .to eq [[:created, number.to_s], [:created, "#{number}/sub"], [:created, "#{number}/sub/file"]]
    end
  end

  it "says true at once when nothing happened" do
    watcher = watch(debounce: 3600)
    expect(within { [watcher.sync, watcher.take(timeout: 0)] }).to eq [true, []]
  end

  it "is true when another thread takes what happened" do
    watcher = watch(debounce: 3600)
    taken = Thread::Queue.new
    watcher.start { |changes| taken << changes }
    make("a")
    watcher.sync
    expect(within { short(taken.pop) }).to eq [[:created, "a"]]
  end

  it "is false when the time is over" do
    watcher = watch(ignore: ->(_path) { false })
    # No other thread asks the predicate about the directory.
    make("a/")
    expect(watcher.sync(timeout: 0)).to be false
  end

  it "puts what happened since a batch lies ready into that one, merged" do
    watcher = watch(debounce: 0)
    touch("a")
    wait_until { selected?(watcher.to_io) }
    Dir.mkdir(path("dir"))
    rename("a", "dir/a")
    expect([watcher.sync, short(watcher.take(timeout: 0))]).to eq [true, [[:created, "dir"], [:created, "dir/a"]]]
  end

  it "leaves nothing to take when what a batch that lies ready reports is undone" do
    watcher = watch(debounce: 0)
    touch("a")
    wait_until { selected?(watcher.to_io) }
    File.unlink(path("a"))
    expect([watcher.sync, selected?(watcher.to_io), watcher.take(timeout: 0)]).to eq [true, false, []]
  end

  it "lets each batch be worked on before the next: a change made by the block comes in the next" do
    watcher = watch
    batches = []
    touch("a")
    watcher.each do |changes|
      batches << short(changes)
      batches.size == 1 ? touch("b") : watcher.close
    end
    expect(batches).to eq [[[:created, "a"]], [[:created, "b"]]]
  end

  it "has stats count all that happened before it" do
    30.times { |number| make("out/", "in/#{number}" => "") }
    watcher = watch("in", debounce: 3600)
    counts = Array.new(30) { |number| rename("in/#{number}", "out/#{number}") && synced(watcher).stats[:files] }
    expect(counts).to eq 29.downto(0).to_a
  end

  it "settles a rename out of the tree at once" do
    make("out/", "in/a" => "1")
    watcher = watch("in", debounce: 3600)
    File.rename(path("in/a"), path("out/a"))
    expect(reported(watcher)).to eq [[:deleted, "in/a"]]
  end

  it "refuses what is no timeout" do
    watcher = watch
    expect { watcher.sync(timeout: -1) }.to raise_error(ArgumentError, /timeout/)
    expect { watcher.sync(timeout: "1") }.to raise_error(TypeError, /timeout/)
  end

  it "touches no file" do
    make("a/b" => "1")
    watcher = watch
    before = File.stat(dir)
    observers = [dir, path("a")].map { |of| instance_watching(Inotify::Flags::IN_ALL_EVENTS, of: of) }
    10.times { watcher.sync }
    expect(observers.flat_map { |observer| drain(observer).reject(&:isdir?) }).to eq []
    expect(File.stat(dir)).to have_attributes(mtime: before.mtime, ctime: before.ctime)
  end

  it "can be called by many threads at once" do
    watcher = watch
    threads = Array.new(8) { |number| Thread.new { make("f#{number}").then { watcher.sync } } }
    expect(within { threads.map(&:value) }).to all(be(true))
    expect(all_reported(watcher).map(&:last).uniq.size).to eq 8
  end

  it "leaves no descriptor behind, however often it is called and the collector not" do
    watcher = watch
    GC.disable
    before = watcher_descriptors
    200.times { watcher.sync && watcher.paths }
    expect(watcher_descriptors - before).to be <= 1
  ensure
    GC.enable
  end

  it "raises IOError once it is closed, before or meanwhile" do
    watcher = watch
    syncing = Thread.new { loop { watcher.sync } }
    syncing.report_on_exception = false
    watcher.close
    expect { within { syncing.value } }.to raise_error IOError, /closed/
    expect { watcher.sync }.to raise_error IOError, "closed Inotify::Watcher"
  end
end
