# frozen_string_literal: true

RSpec.describe Inotify, "when the number of a closed descriptor is used again" do
  # A descriptor with events read but not yielded, and others not read.
  let(:fd) do
    watching(:create).tap do |number|
      touch("old 1", "old 2", "old 3")
      Inotify.watch(number) { break }
      touch("old 4")
    end
  end

  def reopened
    number = inotify
    raise "the number is another: #{number}" unless number == fd

    number
  end

  {
    "Inotify.close" => ->(number) { Inotify.close(number) },
    "closing an IO" => ->(number) { IO.for_fd(number).close },
    "closing in another thread" => ->(number) { Thread.new { Inotify.close(number) }.join },
    "closing an IO in another thread" => ->(number) { Thread.new { IO.for_fd(number).close }.join }
  }.each do |name, close|
    it "yields no event of the earlier one after #{name}" do
      close.call(fd)
      expect(Inotify.watch(reopened, timeout: 0) { raise "a stale event" }).to eq 0
    end

    it "yields the events of the new one after #{name}" do
      close.call(fd)
      Inotify.add_watch(reopened, dir, :create)
      touch("new")
      expect(names(fd)).to eq ["new"]
    end
  end

  it "yields no event of the earlier one to an Enumerator made before" do
    enumerator = Inotify.watch(fd, timeout: 0)
    Inotify.close(fd)
    reopened
    expect(enumerator.to_a).to eq []
  end

  it "lets an Enumerator that is in the middle of a batch end" do
    enumerator = Inotify.watch(fd, timeout: 0)
    enumerator.next
    Inotify.close(fd)
    reopened
    expect { enumerator.next }.to raise_error(StopIteration)
  end

  it "raises EBADF in a thread that waits when an IO of the number is closed" do
    number = watching(:create)
    waiter = sleeping_thread { Inotify.watch(number) { nil } }
    IO.for_fd(number).close
    expect { waiter.value }.to raise_error(Errno::EBADF, /fd #{number} was closed during the wait/)
  end

  it "yields no event of the earlier one for a pipe of that number" do
    Inotify.close(fd)
    IO.pipe do |reader, _writer|
      expect(reader.fileno).to eq fd
      expect { Inotify.watch(fd) { raise "a stale event" } }.to raise_error(Errno::EINVAL)
    end
  end

  it "keeps apart what many threads open and close", :slow do
    threads = Array.new(4) do |thread|
      Dir.mkdir(path(thread.to_s))
      Thread.new do
        Array.new(50) do |round|
          number = Inotify.init
          Inotify.add_watch(number, path(thread.to_s), :create)
          2.times { |part| File.write(path("#{thread}/#{thread}-#{round}-#{part}"), "") }
          first = Inotify.watch(number) { |event| break event.name }
          round.even? ? Inotify.close(number) : IO.for_fd(number).close
          first == "#{thread}-#{round}-0"
        end.all?
      end
    end
    expect(within { threads.map(&:value) }).to all be true
  end

  it "closes each descriptor once, though waits end at the same moment", :slow do
    # One closed twice may by then be another thread's: that one's close fails.
    threads = Array.new(4) do |number|
      Dir.mkdir(path(number.to_s))
      Thread.new { Array.new(30) { |round| open_and_close(number, round) } }
    end
    expect(within { threads.flat_map(&:value) }).to all be_nil
  end

  def open_and_close(number, round)
    opened = watching(:create, of: path(number.to_s))
    readers = Array.new(2) { Thread.new { reader(opened) } }
    3.times { |part| File.write(path("#{number}/#{round}-#{part}"), "") }
    Inotify.close(opened).tap { readers.each { |thread| thread.kill.join } }
  end

  def reader(opened)
    loop { Inotify.watch(opened) { nil } }
  rescue Errno::EBADF, Errno::EINVAL
    # Closed; the number may be another file's.
  end
end
