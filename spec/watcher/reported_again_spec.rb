# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and consumers that read what it reports" do
  before { tree("a" => nil) }

  # What is reported of a rename when a file was reported to each of the threads, and they wait for more.
  def reported_in_threads(watcher, count)
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

  it "reports no file again when they waited for the next changes before it" do
    found = reported_in_threads(watch, 1)
    expect(found).to eq [[:renamed, "a", "b"], [:created, "other"]]
  end

  it "reports only the rename that comes after the files were taken" do
    watcher = watch
    touch("a/file")
    reported(watcher)
    File.rename(path("a"), path("b"))
    expect(reported(watcher)).to eq [[:renamed, "a", "b"]]
  end

  it "reports only the rename to whoever waits for the descriptor" do
    watcher = watch
    io = watcher.to_io
    touch("a/file")
    found = taken_when_readable(watcher, io)
    File.rename(path("a"), path("b"))
    expect([found, taken_when_readable(watcher, io)]).to eq [[[:created, "a/file"]], [[:renamed, "a", "b"]]]
  end

  it "reports files again that were renamed before they were taken" do
    watcher = watch
    touch("a/file")
    wait_until { watcher.to_io.wait_readable(0) }
    File.rename(path("a"), path("b"))
    expect(brief(watcher.take(timeout: 0)) + reported(watcher))
      .to eq [[:created, "a/file"], [:renamed, "a", "b"], [:modified, "b/file"]]
  end

  it "reports files again where more than renames happens" do
    watcher = watch
    touch("a/file")
    reported(watcher)
    File.rename(path("a"), path("b"))
    touch("other")
    expect(reported(watcher)).to include([:renamed, "a", "b"], [:modified, "b/file"])
  end

  it "reports files again where others may still be at it" do
    found = reported_in_threads(watch, 2)
    expect(found).to include([:renamed, "a", "b"], [:modified, "b/1"])
  end
end
