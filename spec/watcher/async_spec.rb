# frozen_string_literal: true

begin
  require "async"
rescue LoadError
  # The minimal scheduler of fibers_spec.rb says the same.
end

RSpec.describe Inotify::Watcher, "under Async", if: defined?(Async::VERSION) do
  let(:watcher) { watch }
  let(:log) { [] }

  before { watcher }

  # Runs the block in a reactor, in a thread of its own, until all its tasks have ended.
  def reactor(&block)
    within { Thread.new { Async(&block).wait }.value }
  end

  it "lets other tasks run while one waits" do
    reactor do |task|
      task.async { log << short(watcher.take) }
      task.async { (log << :other) && touch("a") }
    end
    expect(log).to eq [:other, [[:created, "a"]]]
  end

  it "is made, synchronized and closed in a task" do
    reactor do
      made = Inotify::Watcher.new(dir, debounce: 60)
      touch("a")
      log << made.sync << short(made.take) << made.paths.size
      made.close
    end
    expect(log).to eq [true, [[:created, "a"]], 2]
  end

  it "ends each in one task when another closes" do
    reactor do |task|
      task.async { log << watcher.each(&:size) }
      task.async { watcher.close }
    end
    expect(log).to eq [watcher]
  end

  it "loses nothing when a waiting task is stopped, however often" do
    seen = []
    reactor do |task|
      100.times do |number|
        waiting = task.async { watcher.each { |changes| seen.concat(changes) } }
        touch(format("%05d", number))
        sleep(0) if number.even?
        waiting.stop
      end
    end
    created = (seen + changes(watcher)).select(&:created?).map { |change| below(change.path) }
    expect(created.sort).to eq numbered_names(100)
  end
end
