# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "under Async", async: true do
  let(:watcher) { watch }
  let(:log) { [] }

  before { watcher }

  it_behaves_like "waits of fibers", FrontEnds::Watcher, AsyncScheduler

  def reactor(&block) = within { AsyncScheduler.run(&block) }

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
