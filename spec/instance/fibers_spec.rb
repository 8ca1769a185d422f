# frozen_string_literal: true

RSpec.describe Inotify::Instance, "under a Fiber scheduler" do
  let(:instance) { instance_watching(:create) }
  let(:log) { [] }

  before { instance }

  def scheduled(&block) = within { MinimalScheduler.run(&block) }

  it "lets other fibers run while one waits" do
    scheduled do
      Fiber.schedule { log << instance.read.map(&:name) }
      Fiber.schedule do
        log << :other
        touch("a")
      end
    end
    expect(log).to eq [:other, ["a"]]
  end

  it "waits through the scheduler's io_wait, with the time that is left" do
    waits = scheduled do
      Fiber.schedule { instance.read(timeout: 60) }
      touch("a")
      Fiber.scheduler.waits
    end
    expect(waits.first).to match [instance.fileno, be_between(1, 60)]
  end

  it "does not wait when there is an event" do
    touch("a")
    waits = scheduled do
      Fiber.schedule { log << instance.first.name }
      Fiber.scheduler.waits
    end
    expect([log, waits]).to eq [["a"], []]
  end

  it "ends read at its timeout" do
    scheduled { Fiber.schedule { log << instance.read(timeout: 0.01) } }
    expect(log).to eq [[]]
  end

  it "ends each in one fiber when another closes" do
    scheduled do
      Fiber.schedule { log << instance.each(&:name) }
      Fiber.schedule { log << instance.close }
    end
    expect(log).to eq [nil, instance]
  end

  it "ends each in a fiber when another thread closes" do
    closing = Thread.new { wait_until { log == [:waiting] }.then { instance.close } }
    scheduled do
      Fiber.schedule do
        log << :waiting
        instance.each(&:name)
        log << :ended
      end
    end
    closing.join
    expect(log).to eq %i[waiting ended]
  end

  it "makes read in one fiber raise IOError when another closes" do
    scheduled do
      Fiber.schedule do
        instance.read
      rescue IOError => e
        log << e.message
      end
      Fiber.schedule { instance.close }
    end
    expect(log).to match [/closed/]
  end

  it "ends a wait without watches when another fiber closes" do
    bare = new_instance
    scheduled do
      Fiber.schedule { log << bare.each(&:name) }
      Fiber.schedule { bare.close }
    end
    expect(log).to eq [bare]
  end

  it "waits in many fibers for many instances" do
    dirs = Array.new(20) { |number| path(number.to_s).tap { |made| Dir.mkdir(made) } }
    instances = dirs.map { |of| instance_watching(:create, of: of) }
    scheduled do
      instances.each { |one| Fiber.schedule { log << one.first(2).map(&:path) } }
      Fiber.schedule { dirs.each { |of| %w[a b].each { |name| File.write("#{of}/#{name}", "") } } }
    end
    expect(log.sort).to eq(dirs.map { |of| ["#{of}/a", "#{of}/b"] }.sort)
  end

  it "gives each event to one of the fibers that share an instance" do
    scheduled do
      3.times { Fiber.schedule { instance.each { |event| log << event.name } } }
      Fiber.schedule do
        touch_many(50)
        sleep(0.001) until log.size == 50
        instance.close
      end
    end
    expect(log.sort).to eq(Array.new(50) { |number| format("%05d", number) })
  end

  it "leaves a wait by an exception of another fiber, and hears the next event" do
    scheduled do
      waiting = Fiber.schedule do
        instance.read
      rescue Instances::Left
        log << :left
      end
      Fiber.schedule { waiting.raise(Instances::Left) }
    end
    touch("a")
    expect([log, drain_names(instance)]).to eq [[:left], ["a"]]
  end

  it "leaves a wait by Timeout, and hears the next event" do
    scheduled do
      Fiber.schedule do
        Timeout.timeout(0.01) { instance.read }
      rescue Timeout::Error
        log << :timeout
      end
    end
    touch("a")
    expect([log, drain_names(instance)]).to eq [[:timeout], ["a"]]
  end
end
