# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#stats" do
  def stats(watcher, *names)
    all_changes(watcher)
    watcher.stats.slice(*names)
  end

  it "counts directories, files and watches" do
    make("a/b/c", "a/d", "e", "f/")
    expect(stats(watch, :directories, :files, :watches)).to eq(directories: 4, files: 3, watches: 4)
  end

  it "counts them as they come and go" do
    watcher = watch
    make("a/b/c", "d")
    expect(stats(watcher, :directories, :files, :watches)).to eq(directories: 3, files: 2, watches: 3)
    FileUtils.rm_r(path("a"))
    expect(stats(watcher, :directories, :files, :watches)).to eq(directories: 1, files: 1, watches: 1)
  end

  it "counts what is ignored as nothing" do
    make("tmp/x/y", "a.rb", "b.txt")
    expect(stats(watch(ignore: "tmp/", only: "*.rb"), :directories, :files, :watches))
      .to eq(directories: 1, files: 1, watches: 1)
  end

  it "counts the kernel's own watches" do
    make("a/b/", "c/")
    counted = watch.stats[:watches]
    expect(counted).to eq([dir, path("a"), path("a/b"), path("c")].count { |it| watched?(it) })
  end

  it "counts events, changes and what was merged" do
    make("tree/")
    watcher = watch(path("tree"))
    File.open(path("tree/f"), "w") do |file|
      2.times do |number|
        file.syswrite("x")
        File.chmod(0o600 | number, path("tree/f"))
      end
    end
    stats = stats(watcher, :events, :changes, :merged)
    # Created, modified, its mode set, both again, closed.
    expect(stats).to eq(events: 6, changes: 1, merged: 5)
  end

  it "has nothing queued and no overflow when it is quiet" do
    make("a/b")
    expect(stats(watch, :queue_depth, :overflows, :rescans)).to eq(queue_depth: 0, overflows: 0, rescans: 0)
  end

  it "reports how long events waited, in seconds" do
    watcher = watch
    make("a")
    expect(stats(watcher, :lag)[:lag]).to be_between(0, Waiting::LIMIT).exclusive
  end

  it "is a Hash of numbers" do
    expect(watch.stats.values).to all(be_a(Numeric))
  end

  it "can be asked while a thread takes changes" do
    watcher = watch
    watcher.start { nil }
    make("a", "b")
    watcher.sync
    wait_until { watcher.stats[:files] == 2 }
    expect(watcher.stats[:events]).to be >= 2
  end

  it "raises IOError when the watcher is closed" do
    watcher = watch
    watcher.close
    expect { watcher.stats }.to raise_error(IOError, /closed/)
  end
end
