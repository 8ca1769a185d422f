# frozen_string_literal: true

RSpec.describe Inotify, ".watch under a Fiber scheduler" do
  let(:log) { [] }
  let(:fd) { watching(:create) }

  before { fd }

  it_behaves_like "waits of fibers", FrontEnds::Calls

  it "waits through the scheduler's io_wait" do
    waits = scheduled do
      Fiber.schedule { Inotify.watch(fd) { |event| event } }
      touch("a")
      Fiber.scheduler.waits
    end
    expect(waits.map(&:first)).to eq [fd]
  end

  it "does not wait when there is an event" do
    touch("a")
    waits = scheduled do
      Fiber.schedule { Inotify.watch(fd) { |event| event } }
      Fiber.scheduler.waits
    end
    expect(waits).to eq []
  end

  it "returns 0 after its timeout" do
    scheduled { Fiber.schedule { log << Inotify.watch(fd, timeout: 0.02) { raise "an event" } } }
    expect(log).to eq [0]
  end

  it "waits as long as its timeout" do
    took = seconds { scheduled { Fiber.schedule { Inotify.watch(fd, timeout: 0.05) { raise "an event" } } } }
    expect(took).to be_between(0.05, Waiting::LIMIT)
  end

  it "never waits on an IN_NONBLOCK descriptor" do
    waits = scheduled do
      number = inotify(Inotify::Flags::IN_NONBLOCK)
      Fiber.schedule { log << Inotify.watch(number) { raise "an event" } }
      Fiber.scheduler.waits
    end
    expect([log, waits]).to eq [[0], []]
  end

  it "gives each event once when several fibers wait for one descriptor" do
    scheduled do
      3.times { Fiber.schedule { log.concat(batch(fd).map(&:name)) } }
      Fiber.schedule do
        3.times do |number|
          touch("file #{number}")
          sleep(0.001)
        end
      end
    end
    expect(log).to match_array(["file 0", "file 1", "file 2"])
  end

  it "lets its block wait" do
    touch("a", "b")
    scheduled do
      Fiber.schedule do
        Inotify.watch(fd) do |event|
          sleep(0.001)
          log << event.name
        end
      end
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, "a", "b"]
  end

  it "works with next of an Enumerator" do
    touch("a")
    scheduled { Fiber.schedule { log << Inotify.watch(fd).next.name } }
    expect(log).to eq ["a"]
  end

  context "when the async gem schedules", :async do
    it_behaves_like "waits of fibers", FrontEnds::Calls, AsyncScheduler
  end
end
