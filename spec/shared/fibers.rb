# frozen_string_literal: true

# Under a Fiber scheduler only the fiber waits.
RSpec.shared_examples "waits of fibers" do |front_end, scheduler = MinimalScheduler|
  include front_end

  let(:source) { new_source }
  let(:log) { [] }

  before { source }

  define_method(:scheduled) { |&block| within { scheduler.run(&block) } }

  # Logs the result of a wait in a fiber, or the class of the exception that ends it.
  def log_wait(source = self.source, **timeout)
    log << take_names(source, **timeout)
  rescue closed_error, Interruptions::Left, Timeout::Error => e
    log << e.class
  end

  it "let other fibers run" do
    scheduled do
      Fiber.schedule { log_wait }
      Fiber.schedule { (log << :other) && touch("a") }
    end
    expect(log).to eq [:other, ["a"]]
  end

  it "end at their timeout, and let others run until then" do
    scheduled do
      Fiber.schedule { log_wait(timeout: 0.05) }
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, []]
  end

  it "end when another fiber closes" do
    scheduled do
      Fiber.schedule { log_wait }
      Fiber.schedule { close_source(source) }
    end
    expect(log).to eq [front_end::CLOSED]
  end

  it "end when another thread closes" do
    closing = Thread.new { wait_until { log == [:waiting] }.then { close_source(source) } }
    scheduled { Fiber.schedule { (log << :waiting) && log_wait } }
    closing.join
    expect(log).to eq [:waiting, front_end::CLOSED]
  end

  it "wait in many fibers for many sources" do
    names = Array.new(10) { |number| number.to_s.tap { |name| Dir.mkdir(path(name)) } }
    sources = names.map { |name| new_source(path(name)) }
    scheduled do
      sources.each { |one| Fiber.schedule { log_wait(one) } }
      Fiber.schedule { names.each { |name| File.write(path("#{name}/in #{name}"), "") } }
    end
    expect(log).to match_array(names.map { |name| ["in #{name}"] })
  end

  # Async has its own io_wait, and its own exceptions for fibers and timeouts.
  if scheduler == MinimalScheduler
    it "go through the scheduler's io_wait, with the time that is left" do
      waits = scheduled do
        Fiber.schedule { log_wait(timeout: 60) }
        touch("a")
        Fiber.scheduler.waits
      end
      expect([waits.first.last, log]).to match [be_between(1, 60), [["a"]]]
    end

    it "are left by an exception of another fiber, and lose nothing" do
      scheduled do
        waiting = Fiber.schedule { log_wait }
        Fiber.schedule { waiting.raise(Interruptions::Left) }
      end
      touch("a")
      expect([log, arrived(source)]).to eq [[Interruptions::Left], ["a"]]
    end

    it "are left by Timeout, and lose nothing" do
      scheduled { Fiber.schedule { Timeout.timeout(0.01) { take_names(source) } rescue log << :timeout } } # rubocop:disable Style/RescueModifier
      touch("a")
      expect([log, arrived(source)]).to eq [[:timeout], ["a"]]
    end

    it "loses nothing when fibers that wait are left, however often" do
      scheduled do
        100.times do |number|
          waiting = Fiber.schedule { loop { log.concat(take_names(source)) } }
          touch(format("%05d", number))
          sleep(0) if number.even?
          waiting.raise(Interruptions::Left)
        rescue Interruptions::Left
          nil
        end
      end
      expect((log + arrived(source)).sort).to eq numbered_names(100)
    end
  end
end
