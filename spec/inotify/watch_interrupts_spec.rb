# frozen_string_literal: true

RSpec.describe Inotify, ".watch that is interrupted" do
  let(:interruption) { Class.new(StandardError) }
  let(:fd) { watching(:create) }

  before { fd }

  it_behaves_like "waits that can be interrupted", FrontEnds::Calls

  # Ruby may interrupt between any two calls: that of event.name and that of << would be two.
  def interruptible_watch(seen)
    Thread.handle_interrupt(interruption => :immediate) { Inotify.watch(fd) { |_event, name| seen << name } }
  rescue interruption
    nil
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

  it "lets an unhandled SIGTERM end the process" do
    status = ruby_running("fd = Inotify.init; puts 'ready'; Inotify.watch(fd) { }") do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      Process.kill(:TERM, pid)
      within { Process.wait2(pid).last }
    end
    expect(status.termsig).to eq Signal.list["TERM"]
  end
end
