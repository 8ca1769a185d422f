# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#close" do
  let(:watcher) { watch }

  before { watcher }

  it_behaves_like "closing while others wait", FrontEnds::Watcher

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

  it "closes the IO, and leaves another file alone that has its number since" do
    io = watcher.to_io
    watcher.close
    reader, writer = IO.pipe
    watcher.close
    expect([io.closed?, reader.closed?, writer.closed?]).to eq [true, false, false]
    [reader, writer].each(&:close)
  end

  it "leaves neither thread nor descriptor when the thread that closes is killed" do
    100.times do
      raced = new_watcher(dir)
      closing = Thread.new { raced.close }
      Thread.pass if Kernel.rand < 0.5
      closing.kill.join
      raced.close
    end
    wait_until { Tasks.watching.size == 1 }
    expect(inotify_fds.size).to eq 1
  end

  it "ends a thread that has much to do" do
    2_000.times { |number| Dir.mkdir(path(number.to_s)) }
    within { watcher.close }
    expect(Tasks.watching).to be_empty
  end
end
