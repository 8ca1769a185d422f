# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and whoever looks at what it tells of" do
  before { tree("a" => nil) }

  # What is told of a rename when each of the threads has been told of a file, and waits for more.
  def told_in_threads(watcher, count)
    found = Queue.new
    threads = Array.new(count) { |number| taker(watcher, found).tap { touch("a/#{number}") && found.pop } }
    threads.each { |thread| wait_for_sleep(thread) }
    synced(watcher)
    File.rename(path("a"), path("b"))
    touch("other")
    found.pop
  ensure
    watcher.close
    threads&.each(&:join)
  end

  def taker(watcher, found)
    wait_for_sleep(Thread.new { watcher.each { |changes| found << brief(changes) } })
  end

  def taken_when_readable(watcher, io)
    io.wait_readable
    watcher.sync
    brief(watcher.take(timeout: 0))
  end

  it "tells no file again when they waited for the next changes before it" do
    found = told_in_threads(watch, 1)
    expect(found).to eq [[:renamed, "a", "b"], [:created, "other"]]
  end

  it "tells only of the rename that comes after the files were taken" do
    watcher = watch
    touch("a/file")
    told(watcher)
    File.rename(path("a"), path("b"))
    expect(told(watcher)).to eq [[:renamed, "a", "b"]]
  end

  it "tells only of the rename to whoever waits for the descriptor" do
    watcher = watch
    io = watcher.to_io
    touch("a/file")
    found = taken_when_readable(watcher, io)
    File.rename(path("a"), path("b"))
    expect([found, taken_when_readable(watcher, io)]).to eq [[[:created, "a/file"]], [[:renamed, "a", "b"]]]
  end

  it "tells files again that were renamed before they were taken" do
    watcher = watch
    touch("a/file")
    wait_until { watcher.to_io.wait_readable(0) }
    File.rename(path("a"), path("b"))
    expect(brief(watcher.take(timeout: 0)) + told(watcher))
      .to eq [[:created, "a/file"], [:renamed, "a", "b"], [:modified, "b/file"]]
  end

  it "tells files again where more than renames happens" do
    watcher = watch
    touch("a/file")
    told(watcher)
    File.rename(path("a"), path("b"))
    touch("other")
    expect(told(watcher)).to include([:renamed, "a", "b"], [:modified, "b/file"])
  end

  it "tells files again where others may still be at it" do
    found = told_in_threads(watch, 2)
    expect(found).to include([:renamed, "a", "b"], [:modified, "b/1"])
  end
end
