# frozen_string_literal: true

require "timeout"
require_relative "gc_stress"

# Waiting for something with a limit, never for a length of time.
module Waiting
  # In seconds. It ends a hang, and measures nothing: a busy machine, under GC.stress, may take minutes.
  LIMIT = GCStress::ON ? 900 : 180

  # Fails the example when the block does not come back.
  def within(seconds = LIMIT, &block)
    Timeout.timeout(seconds, RuntimeError, "not done within #{seconds} seconds", &block)
  end

  # Waits until the thread sleeps: in a wait, if that is all it can sleep in.
  def wait_for_sleep(thread)
    wait_until { thread.status == "sleep" || !thread.alive? }
    thread
  end

  def wait_until
    deadline = now + LIMIT
    until yield
      raise "not so within #{LIMIT} seconds" if now > deadline

      Thread.pass
    end
  end

  # Waits until the block returns an empty list. Returns what it returned last.
  def what_remains
    deadline = now + LIMIT
    loop do
      left = yield
      return left if left.empty? || now > deadline

      Thread.pass
    end
  end

  # A thread that runs the block and has begun to sleep in it. Its exception is `thread.value`'s to raise.
  def sleeping_thread
    thread = Thread.new do
      Thread.current.report_on_exception = false
      yield
    end
    wait_for_sleep(thread)
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  # How long the block took, in seconds.
  def seconds
    start = now
    yield
    now - start
  end
end
