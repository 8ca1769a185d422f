# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "under a Fiber scheduler" do
  let(:log) { [] }
  let(:watcher) { watch }

  before { watcher }

  it_behaves_like "waits of fibers", FrontEnds::Watcher

  it "is made, synchronized, asked and closed in a fiber while others run" do
    scheduled do
      Fiber.schedule do
        made = Inotify::Watcher.new(dir, debounce: 60)
        touch("a")
        # A reply at once lets no other fiber run.
        made.sync while log.empty?
        log << made.sync << short(made.take) << made.paths.size << made.close
      end
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, true, [[:created, "a"]], 2, nil]
  end

  it "ends each in one fiber when another closes" do
    scheduled do
      Fiber.schedule { log << watcher.each(&:size) }
      Fiber.schedule { log << watcher.close }
    end
    expect(log).to eq [nil, watcher]
  end

  it "stops its thread in a fiber while others run" do
    scheduled do
      Fiber.schedule do
        watcher.start { |changes| log << short(changes) }
        touch("a")
        watcher.stop
        log << :stopped
      end
    end
    expect(log).to eq [[[:created, "a"]], :stopped]
  end
end
