# frozen_string_literal: true

RSpec.describe Inotify::Instance, "interrupted" do
  it_behaves_like "waits that can be interrupted", FrontEnds::Instance

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

  # Exceptions strike while it waits: anywhere else they could come between an event and what keeps it.
  def each_interruptibly(instance, names)
    Thread.handle_interrupt(Instances::Left => :on_blocking) { instance.each { |event| names << event.name } }
  rescue Instances::Left
    nil
  end

  it "loses no event of each by thousands of interruptions", :slow do
    instance = instance_watching(:create)
    names = []
    # The thread begins with the mask of this one.
    thread = Thread.handle_interrupt(Instances::Left => :never) do
      Thread.new { each_interruptibly(instance, names) until names.size >= 4_000 }
    end
    within { interrupt_while_touching(thread, 4_000) }
    expect(names).to eq(Array.new(4_000) { |number| format("%05d", number) })
  end
end
