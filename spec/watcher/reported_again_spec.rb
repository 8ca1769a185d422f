# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and consumers that read what it reports" do
  # The directory above a root is watched, too: not one where other programs are at work.
  before { make("root/a/") }

  # The changes that are reported of a rename when a file was reported to each of the threads, and they wait for more.
  def reported_in_threads(watcher, count)
    found = Queue.new
    threads = Array.new(count) { |number| taker(watcher, found).tap { touch("root/a/#{number}") && found.pop } }
    threads.each { |thread| wait_for_sleep(thread) }
    synced(watcher)
    File.rename(path("root/a"), path("root/b"))
    touch("root/other")
    found_until(found, "root/other")
  ensure
    watcher.close
    threads&.each(&:join)
  end

  def found_until(found, path)
    changes = []
    changes.concat(found.pop) until changes.any? { |change| change.last == path }
    changes
  end

  def taker(watcher, found)
    wait_for_sleep(Thread.new { watcher.each { |changes| found << short(changes) } })
  end

  def taken_when_readable(watcher, io)
    io.wait_readable
    watcher.sync
    short(watcher.take(timeout: 0))
  end

  it "reports no file again when they waited for the next changes before it" do
    found = reported_in_threads(watch("root"), 1)
    expect(found).to eq [[:renamed, "root/a", "root/b"], [:created, "root/other"]]
  end

  it "reports only the rename that comes after the files were taken" do
    watcher = watch("root")
    touch("root/a/file")
    reported(watcher)
    File.rename(path("root/a"), path("root/b"))
    expect(reported(watcher)).to eq [[:renamed, "root/a", "root/b"]]
  end

  it "reports only the rename to a reader that waits for the descriptor" do
    watcher = watch("root")
    io = watcher.to_io
    touch("root/a/file")
    found = taken_when_readable(watcher, io)
    File.rename(path("root/a"), path("root/b"))
    renamed = taken_when_readable(watcher, io)
    expect([found, renamed]).to eq [[[:created, "root/a/file"]], [[:renamed, "root/a", "root/b"]]]
  end

  it "reports files again that were renamed before they were taken" do
    watcher = watch("root")
    touch("root/a/file")
    wait_until { watcher.to_io.wait_readable(0) }
    File.rename(path("root/a"), path("root/b"))
    expect(short(watcher.take(timeout: 0)) + reported(watcher))
      .to eq [[:created, "root/a/file"], [:renamed, "root/a", "root/b"], [:modified, "root/b/file"]]
  end

  it "reports files again where more than renames happens" do
    watcher = watch("root")
    touch("root/a/file")
    reported(watcher)
    File.rename(path("root/a"), path("root/b"))
    touch("root/other")
    expect(reported(watcher)).to include([:renamed, "root/a", "root/b"], [:modified, "root/b/file"])
  end

  it "reports files again where others may still be at it" do
    found = reported_in_threads(watch("root"), 2)
    expect(found).to include([:renamed, "root/a", "root/b"], [:modified, "root/b/1"])
  end
end
