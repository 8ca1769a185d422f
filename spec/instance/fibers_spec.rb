# frozen_string_literal: true

RSpec.describe Inotify::Instance, "under a Fiber scheduler" do
  let(:log) { [] }
  let(:instance) { instance_watching(:create) }

  before { instance }

  it_behaves_like "waits of fibers", FrontEnds::Instance

  it "does not wait when there is an event" do
    touch("a")
    waits = scheduled do
      Fiber.schedule { log << instance.first.name }
      Fiber.scheduler.waits
    end
    expect([log, waits]).to eq [["a"], []]
  end

  it "ends each in one fiber when another closes" do
    scheduled do
      Fiber.schedule { log << instance.each(&:name) }
      Fiber.schedule { log << instance.close }
    end
    expect(log).to eq [nil, instance]
  end

  it "ends a wait without watches when another fiber closes" do
    bare = new_instance
    scheduled do
      Fiber.schedule { log << bare.each(&:name) }
      Fiber.schedule { bare.close }
    end
    expect(log).to eq [bare]
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
    expect(log.sort).to eq numbered_names(50)
  end
end
