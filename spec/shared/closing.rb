# frozen_string_literal: true

# Closing ends every wait, and leaves nothing open, whatever happens at that moment.
RSpec.shared_examples "closing while others wait" do |front_end|
  include front_end

  let(:source) { new_source }

  before { source }

  def waiting_for(source) = sleeping_thread { take_names(source) }

  # The value of a thread, or the class of what ended it.
  def outcome(thread)
    within { thread.value }
  rescue StandardError => e
    e.class
  end

  it "ends each of several waits" do
    waiting = Array.new(5) { waiting_for(source) }
    close_source(source)
    expect(waiting.map { |thread| outcome(thread) }).to all(eq(front_end::CLOSED))
  end

  it "ends a wait with a timeout" do
    waiting = sleeping_thread { take_names(source, timeout: 10_000) }
    close_source(source)
    expect(outcome(waiting)).to eq front_end::CLOSED
  end

  it "refuses a wait that comes later" do
    close_source(source)
    expect { take_names(source) }.to raise_error front_end::CLOSED
  end

  it "leaves waits for others alone" do
    other = new_source
    ours, theirs = [source, other].map { |one| waiting_for(one) }
    close_source(source)
    touch("a")
    expect([outcome(ours), outcome(theirs)]).to eq [front_end::CLOSED, ["a"]]
  end

  it "drops what was not taken" do
    touch("a")
    close_source(source)
    expect { take_names(source) }.to raise_error front_end::CLOSED
  end

  it "ends a wait whenever it comes" do
    200.times do
      raced = new_source
      waiting = Thread.new { take_names(raced) }
      waiting.report_on_exception = false
      Thread.pass if Kernel.rand < 0.5
      close_source(raced)
      expect(outcome(waiting)).to eq front_end::CLOSED
    end
  end

  # How many descriptors are open after the block that were not before, once the thread it returns has ended.
  def left_open
    before = DescriptorLeaks.open_descriptors.size
    within { yield.join }
    DescriptorLeaks.open_descriptors.size - before
  end

  it "leaves nothing open after waiters were killed" do
    left = left_open do
      raced = new_source
      Array.new(5) { waiting_for(raced) }.each { |waiting| waiting.kill.join }
      close_source(raced)
      Thread.new { nil }
    end
    expect(left).to be_zero
  end

  # It may be closed already, or about to be.
  def close_again(source)
    close_source(source)
  rescue closed_error
    nil
  end

  # A wait that ends by its source being closed.
  def waiting_until_closed(source)
    sleeping_thread do
      yield -> { take_names(source) }
    rescue closed_error
      nil
    end
  end

  it "may be called by many threads at once" do
    waiting = waiting_for(source)
    expect(within { Array.new(20) { Thread.new { close_again(source) } }.map(&:value) }).to all(be_nil)
    expect(outcome(waiting)).to eq front_end::CLOSED
  end

  # Interrupts strike only at Ruby code. The waits of an instance, and of a watcher without a predicate, are native.
  if front_end.method_defined?(:new_striking_source)
    it "leaves nothing open wherever an interrupt strikes the wait that it ends" do
      left = each_strike do |strike|
        left_open do
          waiting = waiting_until_closed(raced = new_striking_source) { |wait| strike.during(&wait) }
          close_source(raced)
          waiting
        end
      end
      expect(left).to have_attributes(size: be > 1).and all(be_zero)
    end
  end

  it "leaves nothing open wherever an interrupt strikes it, or can be called again" do
    left = each_strike do |strike|
      left_open do
        waiting = waiting_until_closed(raced = new_source, &:call)
        2.times { strike.during { close_again(raced) } }
        waiting
      end
    end
    expect(left).to have_attributes(size: be > 1).and all(be_zero)
  end

  it "may be called by a finalizer" do
    expect(ruby(<<~RUBY)).to eq front_end::CLOSED.name
      dir = #{dir.dump}
      #{front_end::SCRIPT}
      waiting = Thread.new { #{front_end::WAIT} }
      waiting.report_on_exception = false
      Thread.pass until waiting.stop?
      Thread.new { ObjectSpace.define_finalizer(Object.new, proc { #{front_end::CLOSE} }) }.join
      GC.start while waiting.alive?
      puts begin waiting.value rescue $!.class end
    RUBY
  end

  it "is not needed: a process ends quietly with sources that are open and waited for" do
    expect(ruby(<<~RUBY)).to eq ""
      dir = #{dir.dump}
      SOURCES = Array.new(3) do
        #{front_end::SCRIPT}
        Thread.new { #{front_end::WAIT} }
        source
      end
      Thread.pass
    RUBY
  end
end
