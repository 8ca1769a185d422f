# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#close" do
  let(:watcher) { watch }

  before { watcher }

  it "closes all descriptors and ends the thread, before it returns, once" do
    before = watcher_descriptors
    made = new_watcher(dir)
    expect(Tasks.watching.size).to eq 2
    expect([made.closed?, made.close, made.closed?, made.close]).to eq [false, nil, true, nil]
    expect([watcher_descriptors, Tasks.watching.size]).to eq [before, 1]
  end

  it "ends each in other threads" do
    waiting = Array.new(5) { sleeping_thread { watcher.each(&:size) } }
    watcher.close
    expect(within { waiting.map(&:value) }).to all(be(watcher))
  end

  it "makes take in other threads raise IOError" do
    waiting = Array.new(5) { sleeping_thread { watcher.take } }
    watcher.close
    waiting.each { |thread| expect { within { thread.value } }.to raise_error IOError, "closed Inotify::Watcher" }
  end

  it "closes the IO, and leaves alone who took its number since" do
    io = watcher.to_io
    watcher.close
    reader, writer = IO.pipe
    watcher.close
    expect([io.closed?, reader.closed?, writer.closed?]).to eq [true, false, false]
    [reader, writer].each(&:close)
  end

  it "drops what was not handed over" do
    touch("a")
    synced(watcher)
    watcher.close
    expect { watcher.take }.to raise_error IOError, /closed/
  end

  it "can be called by many threads at once" do
    waiting = sleeping_thread { watcher.each(&:size) }
    expect(within { Array.new(20) { Thread.new { watcher.close } }.map(&:value) }).to all(be_nil)
    expect(within { waiting.value }).to be watcher
  end

  it "wakes a waiter whenever it comes" do
    200.times do
      raced = new_watcher(dir)
      waiting = Thread.new { raced.each(&:size) }
      waiting.report_on_exception = false
      Thread.pass if Kernel.rand < 0.5
      raced.close
      expect([raced, IOError]).to include(within { value_or_class(waiting) })
    end
  end

  # A thread that came too late is told that it is closed.
  def value_or_class(thread)
    thread.value
  rescue IOError => e
    e.class
  end

  it "leaves neither thread nor descriptor when who closes is killed" do
    100.times do
      raced = new_watcher(dir)
      closing = Thread.new { raced.close }
      Thread.pass if Kernel.rand < 0.5
      closing.kill.join
      raced.close
    end
    wait_until { Tasks.watching.size == 1 }
    expect(DescriptorLeaks.open_descriptors.values.grep(/anon_inode:inotify/).size).to eq 1
  end

  it "ends a thread that has much to do" do
    2_000.times { |number| Dir.mkdir(path(number.to_s)) }
    within { watcher.close }
    expect(Tasks.watching).to be_empty
  end

  it "may be called by a finalizer" do
    expect(ruby(<<~RUBY)).to eq "false"
      watcher = Inotify::Watcher.new("#{dir}")
      waiting = Thread.new { watcher.each {} }
      Thread.pass until waiting.stop?
      Thread.new { ObjectSpace.define_finalizer(Object.new, proc { watcher.close }) }.join
      GC.start until watcher.closed?
      p waiting.join(180).nil?
    RUBY
  end

  it "leaves the end of a process with open watchers quiet" do
    expect(ruby(<<~RUBY)).to eq ""
      WATCHERS = Array.new(5) { Inotify::Watcher.new("#{dir}") }
      WATCHERS.first(2).each { |watcher| Thread.new { watcher.each {} } }
      WATCHERS[2].start {}
      File.write("#{dir}/a", "")
      Thread.pass
    RUBY
  end
end
