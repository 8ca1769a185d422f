# frozen_string_literal: true

RSpec.describe Inotify, ".close" do
  let(:fd) { watching(:create) }

  it_behaves_like "closing while others wait", FrontEnds::Calls

  it "gives nil" do
    expect(Inotify.close(fd)).to be_nil
  end

  it "closes the descriptor" do
    Inotify.close(fd)
    expect(open?(fd)).to be false
  end

  it "refuses a descriptor that it has closed with EBADF" do
    Inotify.close(fd)
    expect { Inotify.close(fd) }.to raise_error(Errno::EBADF, /is not open/)
  end

  it "refuses a descriptor that was closed by other means with EBADF" do
    IO.for_fd(fd).close
    expect { Inotify.close(fd) }.to raise_error(Errno::EBADF)
  end

  it "closes a descriptor with events left" do
    fd
    touch("a", "b")
    Inotify.watch(fd) { break }
    expect(Inotify.close(fd)).to be_nil
  end

  it "closes a non-blocking descriptor" do
    number = inotify(Inotify::Flags::IN_NONBLOCK)
    Inotify.close(number)
    expect(open?(number)).to be false
  end

  it "closes an instance that did not come from Inotify.init" do
    Inotify.close(number = IO.for_fd(fd, autoclose: false).dup.tap { |io| io.autoclose = false }.fileno)
    expect([open?(number), open?(fd)]).to eq [false, true]
  end

  context "when a thread waits" do
    it "ends the wait of an instance without a watch" do
      number = inotify
      waiting = sleeping_thread { Inotify.watch(number) { raise "an event" } }
      Inotify.close(number)
      expect { within { waiting.value } }.to raise_error(Errno::EBADF)
    end

    it "refuses a second close with EBADF" do
      waiting = sleeping_thread { Inotify.watch(fd) { raise "an event" } }
      Inotify.close(fd)
      expect { Inotify.close(fd) }.to raise_error(Errno::EBADF)
      expect { within { waiting.value } }.to raise_error(Errno::EBADF)
    end
  end

  context "when called by the block of a watch on it" do
    it "closes" do
      fd
      touch("a")
      Inotify.watch(fd) { Inotify.close(fd) }
      expect(open?(fd)).to be false
    end

    it "lets the watch return how many events were yielded" do
      fd
      touch("a")
      expect(Inotify.watch(fd) { Inotify.close(fd) }).to eq 1
    end

    it "drops the events that are left" do
      seen = []
      fd
      touch("a", "b")
      Inotify.watch(fd) do |event|
        seen << event.name
        Inotify.close(fd)
      end
      expect(seen).to eq ["a"]
    end

    it "lets the number be used for a new instance in that block" do
      fd
      touch("a", "b")
      again = nil
      Inotify.watch(fd) do
        Inotify.close(fd)
        break again = watching(:create)
      end
      touch("c")
      expect([again, names(again)]).to eq [fd, ["c"]]
    end
  end

  it "closes in a signal handler" do
    output = ruby(<<~'RUBY')
      fd = Inotify.init
      trap(:USR1) { Inotify.close(fd) }
      Process.kill(:USR1, Process.pid)
      Thread.pass while File.symlink?("/proc/self/fd/#{fd}")
      puts "closed"
    RUBY
    expect(output).to eq "closed"
  end
end
