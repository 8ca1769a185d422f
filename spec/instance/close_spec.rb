# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#close" do
  let(:instance) { instance_watching(:create) }

  before { instance }

  it_behaves_like "closing while others wait", FrontEnds::Instance

  it "closes the descriptor, once, and returns nil" do
    fd = instance.fileno
    expect([instance.closed?, instance.close, instance.closed?, instance.close]).to eq [false, nil, true, nil]
    expect(open?(fd)).to be false
  end

  it "closes the IO, and is closed by it" do
    other = new_instance
    io = instance.to_io
    instance.close
    other.to_io.close
    expect([io.closed?, other.closed?]).to eq [true, true]
  end

  it "stays open when a copy of its IO is closed" do
    copy = instance.to_io.dup
    copy.close
    touch("a")
    expect([instance.closed?, copy.closed?, drain_names(instance)]).to eq [false, true, ["a"]]
  end

  it "raises EBADF to every reader when the descriptor was closed behind its back" do
    IO.for_fd(instance.fileno).close
    readers = Array.new(4) { sleeping_thread { instance.read } }
    readers.each { |reader| expect { within { reader.value } }.to raise_error Errno::EBADF }
  end

  it "leaves another file alone that has its number since" do
    io = instance.to_io
    instance.close
    reader, writer = IO.pipe
    instance.close
    io.close
    expect([reader, writer]).not_to include(be_closed)
    [reader, writer].each(&:close)
  end

  it "ends each when its IO is closed" do
    waiting = sleeping_thread { instance.each(&:wd) }
    instance.to_io.close
    expect(within { waiting.value }).to be instance
  end

  it "ends each in all threads, and the last closes the descriptor" do
    fd = instance.fileno
    waiting = Array.new(10) { sleeping_thread { instance.each(&:wd) } }
    instance.close
    expect(within { waiting.map(&:value) }).to all(be(instance))
    expect(open?(fd)).to be false
  end

  it "ends each of an instance without watches" do
    bare = new_instance
    waiting = sleeping_thread { bare.each(&:wd) }
    bare.close
    expect(within { waiting.value }).to be bare
  end

  it "ends each of an instance whose last watch is gone" do
    waiting = sleeping_thread { instance.each(&:wd) }
    instance.watches.each(&:remove)
    wait_for_sleep(waiting)
    instance.close
    expect(within { waiting.value }).to be instance
  end

  it "ends each in another thread whose block is running, after that event" do
    touch("a", "b")
    names = []
    turn = Thread::Queue.new
    running = sleeping_thread { instance.each { |event| (names << event.name) && turn.pop } }
    instance.close
    turn << :go
    expect(within { running.value }).to be instance
    expect(names).to eq ["a"]
  end
end
