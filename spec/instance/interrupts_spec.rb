# frozen_string_literal: true

RSpec.describe Inotify::Instance, "interrupted" do
  it_behaves_like "waits that can be interrupted", FrontEnds::Instance

  # Exceptions strike while it waits: anywhere else they could come between an event and what keeps it.
  def each_interruptibly(instance, names)
    Thread.handle_interrupt(Interruptions::Left => :on_blocking) { instance.each { |event| names << event.name } }
  rescue Interruptions::Left
    nil
  end

  it "loses no event of each by thousands of interruptions", :slow do
    instance = instance_watching(:create)
    names = []
    # The thread begins with the mask of this one.
    thread = Thread.handle_interrupt(Interruptions::Left => :never) do
      Thread.new { each_interruptibly(instance, names) until names.size >= 4_000 }
    end
    within do
      touch_and_interrupt(thread, 4_000)
      thread.raise(Interruptions::Left) until thread.join(0.001)
    end
    expect(names).to eq(Array.new(4_000) { |number| format("%05d", number) })
  end
end
