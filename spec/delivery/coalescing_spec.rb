# frozen_string_literal: true

# While events keep coming, a wait begins with a pause that lets some of them coalesce.
RSpec.describe Inotify, "while events keep coming" do
  # Reports how long was slept.
  let(:scheduler) do
    Class.new(MinimalScheduler) do
      def sleeps = @sleeps ||= []

      def kernel_sleep(duration = nil)
        sleeps << duration
        super
      end
    end
  end

  # Runs the block in a fiber; returns the sleeps it asked for.
  def sleeps(&)
    scheduler.run do
      Fiber.schedule(&)
      Fiber.scheduler.sleeps
    end
  end

  # Events one by one, each read at once, until the block says so. On a busy machine it may take some to have a few
  # within a millisecond each.
  def stream(fd, times: 10_000, **options)
    times.times do |number|
      touch(number.to_s)
      Inotify.watch(fd, **options) { |event| event }
      break if yield
    end
  end

  def slept? = !Fiber.scheduler.sleeps.empty?

  it "pauses for a millisecond at most, through the Fiber scheduler" do
    fd = watching(:create)
    expect(sleeps { stream(fd) { slept? } }).to contain_exactly(be_between(0, 0.001))
  end

  it "pauses in Instance, too" do
    instance = Inotify::Instance.new
    instance.add_watch(dir, :create)
    touch("0")
    slept = sleeps do
      instance.each do |event|
        touch(event.name.succ)
        break if slept? || event.name == "9999"
      end
    ensure
      instance.close
    end
    expect(slept).not_to be_empty
  end

  it "does not pause longer than its timeout" do
    fd = watching(:create)
    expect(sleeps { stream(fd, timeout: 0.0001) { slept? } }).to all(be <= 0.0001)
  end

  it "does not pause with a timeout of 0" do
    fd = watching(:create)
    expect(sleeps { stream(fd, times: 200, timeout: 0) { false } }).to be_empty
  end

  it "does not pause on a non-blocking descriptor" do
    fd = watching(:create, flags: Inotify::Flags::IN_NONBLOCK)
    expect(sleeps { stream(fd, times: 200) { false } }).to be_empty
  end

  it "does not pause for the first event after a silence" do
    fd = watching(:create)
    slept = sleeps do
      stream(fd) { slept? }
      Fiber.scheduler.sleeps.clear
      Inotify.watch(fd, timeout: 0.01) { |event| event }
      touch("after")
      Inotify.watch(fd) { |event| event }
      Fiber.scheduler.sleeps.shift
    end
    expect(slept).to be_empty
  end

  it "pauses until Thread#raise ends the pause, and loses nothing by it" do
    fd = watching(:create)
    names = Array.new(400) { |number| number.to_s.rjust(3, "0") }
    seen = []
    reader = interruptible_thread { Inotify.watch(fd) { |event| seen << event.name } until seen.size == names.size }
    names.each_with_index do |name, number|
      touch(name)
      reader.raise(StopIteration) if (number % 10).zero?
    end
    wait_until { !reader.alive? }
    expect(seen).to eq names
  end

  # A thread that runs the block, again each time that StopIteration ends it where it sleeps.
  def interruptible_thread(&block)
    sleeping_thread do
      Thread.handle_interrupt(StopIteration => :never) do
        Thread.handle_interrupt(StopIteration => :on_blocking, &block)
      rescue StopIteration
        retry
      end
    end
  end
end
