# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "in threads" do
  it_behaves_like "waits of threads", FrontEnds::Watcher

  it "gives a batch to one of the threads that wait, and lets the others wait on" do
    watcher = watch
    waiting = Array.new(4) { sleeping_thread { watcher.take } }
    touch("a")
    wait_until { waiting.count(&:alive?) == 3 }
    touch("b")
    wait_until { waiting.count(&:alive?) == 2 }
    ended, others = waiting.partition { |thread| !thread.alive? }
    watcher.close
    others.each { |thread| expect { within { thread.value } }.to raise_error IOError, /closed/ }
    expect(ended.map { |thread| short(thread.value).first }).to match_array [[:created, "a"], [:created, "b"]]
  end

  it "waits in one thread while others sync, ask for paths and count" do
    watcher = watch
    waiting = sleeping_thread { watcher.take }
    others = Array.new(4) { Thread.new { 50.times { watcher.sync && watcher.paths && watcher.stats } } }
    within { others.each(&:join) }
    touch("a")
    expect(short(within { waiting.value })).to eq [[:created, "a"]]
  end

  it "filters a batch once, whichever thread takes it" do
    watcher = watch(debounce: 0, only: ->(name) { Thread.pass || name.end_with?("0") })
    taken = Thread::Queue.new
    threads = Array.new(4) { Thread.new { watcher.each { |changes| taken << changes } } }
    touch_many(300)
    3.times { synced(watcher) && wait_until { !selected?(watcher.to_io) } }
    wait_until { threads.all?(&:stop?) }
    watcher.close
    within { threads.each(&:join) }
    found = Array.new(taken.size) { taken.pop }.flatten.select(&:created?)
    expect(found.map { |change| below(change.path) }.sort)
      .to eq(Array.new(30) { |number| format("%05d", number * 10) })
  end
end
