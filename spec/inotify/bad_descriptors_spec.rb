# frozen_string_literal: true

require "socket"

RSpec.describe Inotify, "given a descriptor that is not inotify" do
  calls = {
    "add_watch" => ->(fd) { Inotify.add_watch(fd, "/", :delete_self) },
    "rm_watch" => ->(fd) { Inotify.rm_watch(fd, 1) },
    "watch" => ->(fd) { Inotify.watch(fd) { raise "an event of no instance" } },
    "watch with a timeout" => ->(fd) { Inotify.watch(fd, timeout: 0) { raise "an event of no instance" } },
    "watch without a block" => ->(fd) { Inotify.watch(fd).next },
    "close" => ->(fd) { Inotify.close(fd) }
  }.freeze

  # A record as the kernel makes them, so that only its origin shows that it is none.
  let(:record) { [1, 0x100, 0, 16, "forged"].pack("lLLLa16") }

  # A descriptor of each kind with something to read, and what is there to read.
  def with_pipe
    IO.pipe do |reader, writer|
      writer.write(record)
      yield reader
      expect(reader.read_nonblock(1_000)).to eq record
    end
  end

  def with_socket
    ours, theirs = UNIXSocket.pair
    theirs.write(record)
    yield ours
    expect(ours.read_nonblock(1_000)).to eq record
  ensure
    [ours, theirs].each(&:close)
  end

  def with_file
    File.binwrite(path, record)
    File.open(path, "rb") do |file|
      yield file
      expect(file.read).to eq record
    end
  end

  def with_directory
    touch("entry")
    Dir.open(dir) do |opened|
      yield opened
      expect(opened.children).to eq ["entry"]
    end
  end

  calls.each do |name, call|
    %w[pipe socket file directory].each do |kind|
      it "refuses a #{kind} in #{name} with EINVAL, and takes nothing from it" do
        send(:"with_#{kind}") do |other|
          expect { call.call(other.fileno) }.to raise_error(Errno::EINVAL, /is not an inotify descriptor/)
        end
      end
    end

    it "refuses a descriptor that is not open in #{name} with EBADF" do
      expect { call.call(closed_descriptor) }.to raise_error(Errno::EBADF, /is not open/)
    end

    it "refuses a closed inotify descriptor in #{name} with EBADF" do
      fd = inotify.tap { |number| Inotify.close(number) }
      expect { call.call(fd) }.to raise_error(Errno::EBADF)
    end

    [-1, -100, (2**31) - 1].each do |number|
      it "refuses #{number} in #{name} with EBADF" do
        expect { call.call(number) }.to raise_error(Errno::EBADF)
      end
    end

    it "refuses a number that no C int holds in #{name} with RangeError" do
      expect { call.call(2**40) }.to raise_error(RangeError)
    end

    [nil, "3", :fd, []].each do |given|
      it "refuses #{given.inspect} in #{name} with TypeError" do
        expect { call.call(given) }.to raise_error(TypeError)
      end
    end
  end

  it "leaves a pipe open that it should close" do
    IO.pipe do |reader, writer|
      expect { Inotify.close(reader.fileno) }.to raise_error(Errno::EINVAL)
      writer.write("x")
      expect(reader.readpartial(1)).to eq "x"
    end
  end

  it "refuses a pipe that has taken the number of a closed instance with events left" do
    fd = watching(:create)
    touch("a", "b")
    Inotify.watch(fd) { break }
    IO.for_fd(fd).close
    IO.pipe do |reader, writer|
      taken = [reader, writer].find { |io| io.fileno == fd }
      expect { Inotify.watch(taken.fileno) { raise "a stale event" } }.to raise_error(Errno::EINVAL)
    end
  end
end
