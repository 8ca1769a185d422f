# frozen_string_literal: true

# The smallest Fiber scheduler that waits for descriptors: what Ruby documents, and nothing else.
class MinimalScheduler
  # Runs the block's fibers to their end in a thread of their own; returns what the block returned.
  def self.run
    # Not as the thread's value: the scheduler is closed after that is known, and Ruby 3.1 may collect it meanwhile.
    result = nil
    Thread.new do
      Thread.current.report_on_exception = false
      Fiber.set_scheduler(new)
      result = yield
      Fiber.scheduler.run
    end.join
    result
  end

  # The calls of Ruby to #io_wait, as `[descriptor, timeout]`.
  attr_reader :waits

  def initialize
    @readable = {}
    @sleeping = {}
    @waits = []
    @ready = Thread::Queue.new
    @urgent = IO.pipe
  end

  def run
    turn until @readable.empty? && @sleeping.empty? && @ready.empty?
  end

  def close
    run
  ensure
    @urgent.each(&:close)
  end

  def fiber(&block)
    Fiber.new(blocking: false, &block).tap(&:resume)
  end

  def io_wait(io, events, timeout)
    fiber = Fiber.current
    @waits << [io.fileno, timeout]
    @readable[fiber] = io
    @sleeping[fiber] = now + timeout if timeout
    Fiber.yield ? events : false
  ensure
    [@readable, @sleeping].each { |waiting| waiting.delete(fiber) }
  end

  def kernel_sleep(duration = nil)
    block(:sleep, duration)
    true
  end

  def block(_blocker, timeout = nil)
    fiber = Fiber.current
    @sleeping[fiber] = timeout ? now + timeout : Float::INFINITY
    Fiber.yield
  ensure
    @sleeping.delete(fiber)
  end

  def unblock(_blocker, fiber) = call { fiber.resume }

  # Ruby 4.0: an IO that the fiber waits for is closed.
  def fiber_interrupt(fiber, exception) = call { fiber.raise(exception) if fiber.alive? }

  def timeout_after(duration, error, message)
    fiber = Fiber.current
    timer = Fiber.new(blocking: true) { fiber.raise(error, message) if fiber.alive? }
    @sleeping[timer] = now + duration
    yield duration
  ensure
    @sleeping.delete(timer)
  end

  private

  # Has a turn of the loop call the block, whichever thread this is.
  def call(&block)
    @ready << block
    @urgent.last.write_nonblock(".")
  end

  def turn
    readable, = IO.select([@urgent.first, *@readable.values.uniq], nil, nil, patience)
    Array(readable).each { |io| io == @urgent.first ? io.read_nonblock(1_000) : resume_readers(io) }
    @ready.pop.call until @ready.empty?
    @sleeping.select { |_, moment| moment <= now }.each_key { |fiber| resume(fiber) if @sleeping.delete(fiber) }
  end

  def resume_readers(io)
    @readable.select { |_, awaited| awaited == io }.each_key { |fiber| fiber.resume(true) if @readable.delete(fiber) }
  end

  def resume(fiber) = fiber.alive? && fiber.resume(false)

  # Seconds until the next sleeper is due; nil without one.
  def patience
    due = @sleeping.values.min
    due && due != Float::INFINITY ? [due - now, 0].max : nil
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

if defined?(RSpec)
  # Runs the block, which makes fibers, and fails the example if they do not end.
  module Scheduling
    def scheduled(&block) = within { MinimalScheduler.run(&block) }
  end

  RSpec.configure { |config| config.include Scheduling }
end
