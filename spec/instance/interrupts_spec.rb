# frozen_string_literal: true

RSpec.describe Inotify::Instance, "interrupted" do
  let(:instance) { instance_watching(:create) }

  before { instance }

  waits = {
    "each" => ->(instance) { instance.each(&:name) },
    "read" => :read.to_proc,
    "read with a timeout" => ->(instance) { instance.read(timeout: 10_000) },
    "an Enumerator's next" => ->(instance) { instance.each.next }
  }
  waits.each do |name, wait|
    it "leaves #{name} at once by Thread#raise, and hears the next event" do
      waiting = sleeping_thread { wait.call(instance) }
      waiting.raise(Instances::Left)
      expect { within { waiting.value } }.to raise_error Instances::Left
      touch("a")
      expect(drain_names(instance)).to eq ["a"]
    end

    it "leaves #{name} at once by Thread#kill, and hears the next event" do
      waiting = sleeping_thread { wait.call(instance) }
      within { waiting.kill.join }
      touch("a")
      expect(drain_names(instance)).to eq ["a"]
    end

    it "leaves #{name} by Timeout, and hears the next event" do
      expect { within { Timeout.timeout(0.05) { wait.call(instance) } } }.to raise_error Timeout::Error
      touch("a")
      expect(drain_names(instance)).to eq ["a"]
    end
  end

  it "releases the descriptor when it is closed after waiters were killed" do
    fd = instance.fileno
    Array.new(5) { sleeping_thread { instance.each(&:name) } }.each { |waiting| waiting.kill.join }
    instance.close
    expect(open?(fd)).to be false
  end

  # Runs a thread that calls the block until there are so many names. Exceptions strike it while it waits: anywhere else
  # they could come between an event and what keeps it.
  def interrupted(names, count)
    # The thread begins with the mask of this one.
    Thread.handle_interrupt(Instances::Left => :never) do
      Thread.new { interruptible { yield names } until names.size >= count }
    end
  end

  def interruptible(&block)
    Thread.handle_interrupt(Instances::Left => :on_blocking, &block)
  rescue Instances::Left
    nil
  end

  # Makes files while interrupting the thread, at about every second one.
  def interrupt_while_touching(thread, count)
    random = Random.new(RSpec.configuration.seed)
    count.times do |number|
      touch(format("%05d", number))
      thread.raise(Instances::Left) if random.rand < 0.5
      Thread.pass if random.rand < 0.3
    end
    thread.raise(Instances::Left) until thread.join(0.001)
  end

  def all_names(count) = Array.new(count) { |number| format("%05d", number) }

  it "loses no event of each by thousands of interruptions", :slow do
    found = []
    thread = interrupted(found, 4_000) { |names| instance.each { |event| names << event.name } }
    within { interrupt_while_touching(thread, 4_000) }
    expect(found).to eq all_names(4_000)
  end

  it "loses no event of read by thousands of interruptions", :slow do
    found = []
    thread = interrupted(found, 4_000) { |names| names.concat(instance.read.map(&:name)) }
    within { interrupt_while_touching(thread, 4_000) }
    expect(found).to eq all_names(4_000)
  end

  it "loses no event by hundreds of killed threads", :slow do
    names = Thread::Queue.new
    500.times do |number|
      thread = Thread.new do
        Thread.handle_interrupt(Object => :on_blocking) { instance.each { |event| names << event.name } }
      end
      touch(format("%05d", number))
      Thread.pass if number % 3 == 0
      thread.kill.join
    end
    drain(instance).each { |event| names << event.name }
    expect(Array.new(names.size) { names.pop }).to eq all_names(500)
  end

  it "loses no event by hundreds of timeouts", :slow do
    names = []
    producing = Thread.new { touch_many(1_000) }
    seen = proc { instance.each { |event| names << event.name } }
    within do
      until names.size == 1_000
        begin
          Timeout.timeout(0.002) { Thread.handle_interrupt(Object => :on_blocking, &seen) }
        rescue Timeout::Error
          nil
        end
      end
    end
    producing.join
    expect(names).to eq all_names(1_000)
  end
end
