# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#start and #stop" do
  let(:watcher) { watch(debounce: 0.2) }
  let(:seen) { [] }

  before { watcher }

  def start = watcher.start { |changes| seen.concat(changes) }

  def seen_names = seen.map { |change| below(change.path) }

  it "yields changes in a thread of its own, which has a name" do
    names = Thread::Queue.new
    expect(watcher.start { names << Thread.current.name }).to be watcher
    touch("a")
    expect(within { names.pop }).to eq "Inotify::Watcher"
  end

  it "delivers what has happened before it stops, without waiting for it to become quiet" do
    slow = watch(debounce: 60)
    slow.start { |changes| seen.concat(changes) }
    touch("a", "b", "c")
    expect([within { slow.stop }, seen_names]).to eq [slow, %w[a b c]]
  end

  it "wakes its thread before it waits for it to end" do
    thread = nil
    watcher.start { nil }
    wait_until { thread = Thread.list.find { |it| it.name == "Inotify::Watcher" } }
    wait_for_sleep(thread)
    calls = []
    wake = TracePoint.new(:c_call) { |call| calls << call.method_id if %i[wake join].include?(call.method_id) }
    wake.enable { watcher.stop }
    expect(calls.first(2)).to eq %i[wake join]
  end

  it "delivers everything, also what waits behind a batch that is being worked on" do
    turn = Thread::Queue.new
    begun = Thread::Queue.new
    watcher.start { |changes| seen.concat(changes) && (begun << true) && turn.pop }
    touch("a") && begun.pop
    touch("b") && wait_until { selected?(watcher.to_io) }
    touch("c")
    stopping = Thread.new { watcher.stop }
    3.times { turn << true }
    within { stopping.join }
    expect(seen_names).to eq %w[a b c]
  end

  it "reports nothing after it has stopped" do
    start
    watcher.stop
    touch("a")
    expect([reported(watcher), seen]).to eq [[[:created, "a"]], []]
  end

  it "can be started again, and goes on where it ended" do
    3.times do |number|
      start
      touch("started#{number}")
      watcher.stop
      touch("stopped#{number}")
    end
    start
    watcher.stop
    expect(seen_names).to match_array(Array.new(3) { |number| ["started#{number}", "stopped#{number}"] }.flatten)
  end

  it "leaves no thread when it has stopped" do
    before = Thread.list
    start
    touch("a")
    watcher.stop
    expect(Thread.list).to match_array before
  end

  it "leaves nothing to be woken for" do
    start
    watcher.stop
    expect(selected?(watcher.to_io)).to be false
  end

  it "can be stopped by the block, after which it delivers what has happened" do
    watcher.start do |changes|
      seen.concat(changes)
      touch("b") && watcher.stop if seen.size == 1
    end
    touch("a")
    wait_until { seen.size == 2 }
    within { watcher.stop }
    expect(seen_names).to eq %w[a b]
  end

  it "stops although the tree never becomes quiet and the block is slow" do
    writing = true
    writer = Thread.new { touch("busy") && sleep(0.001) while writing }
    slow = watch(debounce: 0.001)
    slow.start { sleep(0.05) }
    expect(within { slow.stop }).to be slow
    writing = false
    writer.join
  end

  it "stops while another thread takes" do
    taking = sleeping_thread { watcher.take }
    start
    within { watcher.stop }
    touch("a")
    expect(short(within { taking.value })).to eq [[:created, "a"]]
  end

  it "does nothing when it is stopped twice, or was not started" do
    expect(watcher.stop).to be watcher
    start
    expect([watcher.stop, watcher.stop]).to eq [watcher, watcher]
  end

  it "can be stopped by many threads at once" do
    start
    expect(within { Array.new(10) { Thread.new { watcher.stop } }.map(&:value) }).to all(be(watcher))
  end

  # Starts a block that raises, and waits until it has.
  def start_and_fail(message = "said")
    thread = nil
    watcher.start do
      thread = Thread.current
      thread.report_on_exception = false
      raise Interruptions::Left, message
    end
    touch("a")
    wait_until { thread&.stop? && !thread.alive? }
  end

  it "raises once, in stop, what the block raised" do
    start_and_fail("said")
    expect { watcher.stop }.to raise_error Interruptions::Left, "said"
    expect(watcher.stop).to be watcher
  end

  it "can be started again after the block raised, and has lost nothing that came later" do
    start_and_fail
    touch("b")
    start
    watcher.stop
    expect(seen_names).to eq ["b"]
  end

  it "refuses to be started twice" do
    start
    expect { start }.to raise_error ThreadError, /stop it first/
  end

  it "refuses to be started without a block, or closed" do
    expect { watcher.start }.to raise_error ArgumentError, /block/
    watcher.close
    expect { start }.to raise_error IOError, /closed/
  end

  it "ends the thread by closing" do
    start
    thread = within { wait_until { Thread.list.find { |it| it.name == "Inotify::Watcher" } } }
    watcher.close
    expect([watcher.stop, thread]).to eq [watcher, thread]
    expect(Thread.list.map(&:name)).not_to include "Inotify::Watcher"
  end

  it "can be closed by the block, in its thread" do
    watcher.start { watcher.close }
    touch("a")
    wait_until { watcher.closed? }
    expect(within { watcher.stop }).to be watcher
  end

  it "bears being started, stopped and closed whenever it comes" do
    100.times do
      raced = watch(debounce: 0)
      raced.start { seen << :change }
      others = [Thread.new { raced.stop }, Thread.new { raced.close }].shuffle
      touch("a")
      within { others.each(&:join) }
    end
    expect(Tasks.watching.size).to eq 1
  end
end
