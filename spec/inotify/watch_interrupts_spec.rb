# frozen_string_literal: true

RSpec.describe Inotify, ".watch that is interrupted while it waits" do
  let(:fd) { watching(:create) }
  let(:interruption) { Class.new(StandardError) }

  before { fd }

  def waiting_thread = sleeping_thread { Inotify.watch(fd) { raise "an event" } }

  # Ruby may interrupt between any two calls: that of event.name and that of << would be two.
  def interruptible_watch(seen)
    Thread.handle_interrupt(interruption => :immediate) { Inotify.watch(fd) { |_event, name| seen << name } }
  rescue interruption
    nil
  end

  it "ends at Thread#kill" do
    waiting = waiting_thread.kill
    expect(within { waiting.join }.status).to be false
  end

  it "ends at Thread#raise" do
    waiting = waiting_thread
    waiting.raise(interruption)
    expect { within { waiting.value } }.to raise_error(interruption)
  end

  it "ends at Timeout.timeout" do
    expect { Timeout.timeout(0.01) { Inotify.watch(fd) { raise "an event" } } }.to raise_error(Timeout::Error)
  end

  it "ends at Timeout.timeout before its own timeout" do
    expect { Timeout.timeout(0.01) { Inotify.watch(fd, timeout: 10_000) { raise "an event" } } }
      .to raise_error(Timeout::Error)
  end

  it "ends at once" do
    waiting = waiting_thread
    waiting.raise(interruption)
    expect { within { waiting.join } }.to raise_error(interruption)
  end

  it "runs the ensure of its caller when killed" do
    ended = Thread::Queue.new
    waiting = sleeping_thread do
      Inotify.watch(fd) { raise "an event" }
    ensure
      ended << true
    end
    waiting.kill
    expect(within { ended.pop }).to be true
  end

  it "goes on waiting when the interruption is deferred" do
    waiting = sleeping_thread do
      Thread.handle_interrupt(interruption => :never) { batch(fd).map(&:name) }.tap { |names| raise names.first }
    rescue interruption => e
      e.class
    end
    waiting.raise(interruption)
    touch("a")
    expect(within { waiting.value }).to eq interruption
  end

  it "leaves the events to the next call" do
    waiting = waiting_thread.kill
    within { waiting.join }
    touch("a")
    expect(names(fd)).to eq ["a"]
  end

  it "leaves the events to another thread that waits" do
    killed = waiting_thread
    waiting = sleeping_thread { batch(fd).map(&:name) }
    killed.kill.join
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  end

  it "ends at an interruption that comes with an event, and the next call has the event" do
    caught = Array.new(20) do |number|
      waiting = sleeping_thread { batch(fd).map(&:name) }
      touch("file #{number}")
      waiting.raise(interruption)
      within { waiting.value }
    rescue interruption
      []
    end
    expect(caught.flatten + names(fd)).to eq(Array.new(20) { |number| "file #{number}" })
  end

  it "loses and repeats nothing when its block is interrupted at random", :slow do
    seen = []
    reader = sleeping_thread do
      # What strikes while the last one is being rescued would end the thread.
      Thread.handle_interrupt(interruption => :never) { loop { interruptible_watch(seen) } }
    end
    touch_many(500) { reader.raise(interruption) }
    wait_until { seen.size >= 500 }
    reader.kill.join
    expect(seen).to eq(Array.new(500) { |number| format("%05d", number) })
  end

  describe "by a signal to the process" do
    # A ruby that waits in the main thread; answers what it says and how it ended.
    def signalled(signal, script)
      ruby_running(script) do |pid, output|
        output.gets
        wait_for_process_sleep(pid)
        Process.kill(signal, pid)
        [within { output.read }, Process.wait2(pid).last]
      end
    end

    let(:script) { <<~RUBY }
      fd = Inotify.init
      puts "ready"
      begin
        Inotify.watch(fd) { raise "an event" }
      rescue SignalException => e
        puts e.class, e.message
        exit! 7
      end
    RUBY

    it "ends at Ctrl-C with Interrupt" do
      output, status = signalled(:INT, script)
      expect([output.lines(chomp: true).first, status.exitstatus]).to eq ["Interrupt", 7]
    end

    it "ends at SIGTERM with SignalException" do
      output, status = signalled(:TERM, script)
      expect([output.lines(chomp: true), status.exitstatus]).to eq [%w[SignalException SIGTERM], 7]
    end

    it "lets an unhandled SIGTERM end the process" do
      _, status = signalled(:TERM, "fd = Inotify.init; puts 'ready'; Inotify.watch(fd) { }")
      expect(status.termsig).to eq Signal.list["TERM"]
    end

    it "lets a process end whose other thread waits" do
      output = ruby(<<~RUBY)
        fd = Inotify.init
        thread = Thread.new { Inotify.watch(fd) { raise "an event" } }
        Thread.pass until thread.status == "sleep"
        puts "over"
      RUBY
      expect(output).to eq "over"
    end

    it "ends with what the handler raises, and the next call has the event" do
      output = ruby(<<~'RUBY')
        dir = Dir.mktmpdir
        at_exit { File.delete("#{dir}/a"); Dir.rmdir(dir) }
        fd = Inotify.init
        Inotify.add_watch(fd, dir, :create)
        trap(:USR1) { File.write("#{dir}/a", ""); raise "from the handler" }
        main = Thread.current
        Thread.new { Thread.pass until main.status == "sleep"; Process.kill(:USR1, Process.pid) }
        puts begin Inotify.watch(fd) { raise "an event" } rescue $!.message end
        Inotify.watch(fd) { |event, name| puts name }
      RUBY
      expect(output.lines(chomp: true)).to eq ["from the handler", "a"]
    end
  end
end
