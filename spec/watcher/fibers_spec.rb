# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "under a Fiber scheduler" do
  let(:watcher) { watch }
  let(:log) { [] }

  before { watcher }

  def scheduled(&block) = within { MinimalScheduler.run(&block) }

  it "lets other fibers run while one waits" do
    scheduled do
      Fiber.schedule { log << brief(watcher.take) }
      Fiber.schedule { (log << :other) && touch("a") }
    end
    expect(log).to eq [:other, [[:created, "a"]]]
  end

  it "waits through the scheduler's io_wait, with the time that is left" do
    waits = scheduled do
      Fiber.schedule { watcher.take(timeout: 60) }
      touch("a")
      Fiber.scheduler.waits
    end
    expect(waits.first).to match [watcher.to_io.fileno, be_between(1, 60)]
  end

  it "is made, synchronized, asked and closed in a fiber while others run" do
    scheduled do
      Fiber.schedule do
        made = Inotify::Watcher.new(dir, debounce: 60)
        touch("a")
        # What is replied at once lets no other fiber run.
        made.sync while log.empty?
        log << made.sync << brief(made.take) << made.paths.size << made.close
      end
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, true, [[:created, "a"]], 2, nil]
  end

  it "ends take at its timeout" do
    scheduled { Fiber.schedule { log << watcher.take(timeout: 0.01) } }
    expect(log).to eq [[]]
  end

  it "ends each in one fiber when another closes" do
    scheduled do
      Fiber.schedule { log << watcher.each(&:size) }
      Fiber.schedule { log << watcher.close }
    end
    expect(log).to eq [nil, watcher]
  end

  it "makes take in one fiber raise IOError when another thread closes" do
    closing = Thread.new { wait_until { log == [:waiting] }.then { watcher.close } }
    scheduled do
      Fiber.schedule do
        log << :waiting
        watcher.take
      rescue IOError => e
        log << e.message
      end
    end
    closing.join
    expect(log).to eq [:waiting, "closed Inotify::Watcher"]
  end

  it "waits in many fibers for many watchers" do
    names = Array.new(10, &:to_s)
    names.each { |name| Dir.mkdir(path(name)) }
    watchers = names.map { |name| watch(name) }
    scheduled do
      watchers.each { |one| Fiber.schedule { log << brief(one.take).first } }
      Fiber.schedule { names.each { |name| touch("#{name}/a") } }
    end
    expect(log).to match_array(names.map { |name| [:created, "#{name}/a"] })
  end

  it "leaves a wait by an exception of another fiber, and loses nothing" do
    scheduled do
      waiting = Fiber.schedule do
        watcher.take
      rescue Watchers::Left
        log << :left
      end
      Fiber.schedule { waiting.raise(Watchers::Left) }
    end
    touch("a")
    expect([log, told(watcher)]).to eq [[:left], [[:created, "a"]]]
  end

  it "stops its thread in a fiber while others run" do
    scheduled do
      Fiber.schedule do
        watcher.start { |changes| log << brief(changes) }
        touch("a")
        watcher.stop
        log << :stopped
      end
    end
    expect(log).to eq [[[:created, "a"]], :stopped]
  end
end
