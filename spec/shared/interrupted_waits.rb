# frozen_string_literal: true

# Every wait can be left, and loses nothing by that.
RSpec.shared_examples "waits that can be interrupted" do |front_end|
  include front_end

  let(:source) { new_source }

  before { source }

  # With RUBY_MN_THREADS, Ruby 3.4 crashes when a thread is killed in which a fiber waits, whatever for.
  def skip_killed_fibers(name)
    return unless name.include?("Enumerator") && ENV["RUBY_MN_THREADS"] == "1" && RUBY_VERSION.start_with?("3.4")

    skip "this Ruby crashes"
  end

  front_end::WAITS.each do |name, wait|
    it "leaves #{name} at once by Thread#raise, and loses nothing" do
      waiting = sleeping_thread { wait.call(source) }
      waiting.raise(Interruptions::Left)
      expect { within { waiting.value } }.to raise_error Interruptions::Left
      touch("a")
      expect(arrived(source)).to eq ["a"]
    end

    it "leaves #{name} at once by Thread#kill, and loses nothing" do
      skip_killed_fibers(name)
      waiting = sleeping_thread { wait.call(source) }
      expect(within { waiting.kill.join }.status).to be false
      touch("a")
      expect(arrived(source)).to eq ["a"]
    end

    it "leaves #{name} by Timeout, and loses nothing" do
      expect { within { Timeout.timeout(0.05) { wait.call(source) } } }.to raise_error Timeout::Error
      touch("a")
      expect(arrived(source)).to eq ["a"]
    end

    it "runs the ensure of the caller of #{name} when it is killed" do
      skip_killed_fibers(name)
      ended = Thread::Queue.new
      waiting = sleeping_thread do
        wait.call(source)
      ensure
        ended << true
      end
      waiting.kill
      expect(within { ended.pop }).to be true
    end
  end

  it "goes on waiting while the interruption is deferred" do
    taken = nil
    waiting = sleeping_thread do
      Thread.handle_interrupt(Interruptions::Left => :never) { taken = take_names(source) }
    rescue Interruptions::Left
      taken
    end
    waiting.raise(Interruptions::Left)
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  end

  it "leaves what happens to another thread that waits" do
    killed, waiting = Array.new(2) { sleeping_thread { take_names(source) } }
    killed.kill.join
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  end

  # Anywhere but in the wait, they could come between a name and the list.
  it "loses nothing by thousands of interruptions of its wait", :slow do
    names = []
    interrupt_while_touching(2_000, strike: :on_blocking) { names.concat(take_names(source)) }
    expect((names + arrived(source)).sort).to eq numbered_names(2_000)
  end

  it "loses nothing by thousands of interruptions of its block", :slow do
    delivered = []
    interrupt_while_touching(2_000) { deliver_into(delivered, source) }
    expect((delivered_names(delivered) + arrived(source)).sort).to eq numbered_names(2_000)
  end

  it "loses nothing by hundreds of killed threads", :slow do
    names = Thread::Queue.new
    300.times do |number|
      thread = Thread.new do
        Thread.handle_interrupt(Object => :on_blocking) { loop { names << take_names(source) } }
      end
      touch(format("%05d", number))
      Thread.pass if number % 3 == 0
      thread.kill.join
    end
    names << arrived(source)
    expect(Array.new(names.size) { names.pop }.flatten.sort).to eq numbered_names(300)
  end

  it "loses nothing by hundreds of timeouts", :slow do
    names = []
    producing = Thread.new { touch_many(500) }
    taking = proc { loop { names.concat(take_names(source)) } }
    within do
      until names.size == 500
        begin
          Timeout.timeout(0.002) { Thread.handle_interrupt(Object => :on_blocking, &taking) }
        rescue Timeout::Error
          nil
        end
      end
    end
    producing.join
    expect(names.sort).to eq numbered_names(500)
  end

  describe "by a signal to the process" do
    let(:prelude) { "dir = #{dir.dump}\n#{front_end::SCRIPT}\n" }

    # The lines that a ruby prints that has a source and waits when it gets the signal.
    def signalled(signal, script) = ruby_signalled(signal, prelude + script).lines(chomp: true)

    wait = front_end::WAIT

    %w[INT TERM].each do |signal|
      it "ends at SIG#{signal}" do
        expect(signalled(signal, <<~RUBY)).to eq [signal == "INT" ? "Interrupt" : "SignalException"]
          puts "ready"
          begin
            #{wait}
          rescue SignalException => e
            puts e.class
          end
        RUBY
      end
    end

    it "ends with what the handler raises, and loses nothing" do
      expect(signalled(:USR1, <<~RUBY)).to eq ["from the handler", '["a"]']
        trap(:USR1) { File.write("\#{dir}/a", "") && raise("from the handler") }
        puts "ready"
        puts begin #{wait} rescue $!.message end
        p #{wait}
      RUBY
    end

    it "goes on waiting after a handler that returns" do
      expect(signalled(:USR1, <<~RUBY)).to eq ["handled", '["a"]']
        trap(:USR1) { puts("handled") || Thread.new { File.write("\#{dir}/a", "") } }
        puts "ready"
        p #{wait}
      RUBY
    end

    it "ends when the handler closes its source, in every thread that waits" do
      expect(signalled(:USR1, <<~RUBY)).to eq [front_end::CLOSED.name] * 2
        trap(:USR1) { #{front_end::CLOSE} }
        wait = lambda do
          #{wait}
        rescue #{front_end::CLOSED} => e
          e.class
        end
        other = Thread.new(&wait)
        Thread.pass until other.stop?
        puts "ready"
        puts wait.call, other.value
      RUBY
    end

    it "lets the process end while another thread waits" do
      expect(ruby(prelude + <<~RUBY)).to eq "over"
        thread = Thread.new { #{wait} }
        Thread.pass until thread.stop?
        puts "over"
      RUBY
    end
  end
end
