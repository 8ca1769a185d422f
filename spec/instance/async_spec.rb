# frozen_string_literal: true

RSpec.describe Inotify::Instance, "under Async", async: true do
  let(:instance) { instance_watching(:create) }
  let(:log) { [] }

  before { instance }

  it_behaves_like "waits of fibers", FrontEnds::Instance, AsyncScheduler

  def reactor(&block) = within { AsyncScheduler.run(&block) }

  # Async 1 keeps its own TimeoutError from whoever waits for an IO.
  it "ends a wait by the task's own timeout, and gets the next event",
     if: defined?(Async::VERSION) && Async::VERSION >= "2" do
    reactor do |task|
      task.with_timeout(0.01) { instance.read }
    rescue Async::TimeoutError
      log << :timeout
    end
    touch("a")
    expect([log, drain_names(instance)]).to eq [[:timeout], ["a"]]
  end

  it "ends each in one task when another closes" do
    reactor do |task|
      task.async { log << instance.each(&:name) }
      task.async { instance.close }
    end
    expect(log).to eq [instance]
  end

  it "ends each in a task when another thread closes" do
    waiting = Thread::Queue.new
    closing = Thread.new { waiting.pop && instance.close }
    reactor do |task|
      task.async { log << instance.each(&:name) }
      waiting << true
    end
    closing.join
    expect(log).to eq [instance]
  end

  it "loses nothing when a waiting task is stopped, however often" do
    reactor do |task|
      100.times do |number|
        waiting = task.async { instance.each { |event| log << event.name } }
        touch(format("%05d", number))
        sleep(0) if number.even?
        waiting.stop
      end
    end
    names = log + drain_names(instance)
    expect(names).to eq numbered_names(100)
  end

  it "keeps descriptors apart whose number is used again" do
    20.times do |number|
      reactor do |task|
        one = Inotify::Instance.new
        one.add_watch(dir, :create)
        task.async { one.each { |event| log << event.name } }
        task.async { (touch(number.to_s) || true) && sleep(0.001) && one.close }
      end
    end
    expect(log).to eq(Array.new(20, &:to_s))
  end
end
