# frozen_string_literal: true

# Interruptions of waits and blocks, and files that are made meanwhile.
module Interruptions
  # The exception that leaves a wait or a block.
  Left = Class.new(StandardError)

  # Makes files, and interrupts the thread at about every second one.
  def touch_and_interrupt(thread, count)
    random = Random.new(RSpec.configuration.seed)
    count.times do |number|
      touch(format("%05d", number))
      thread.raise(Left) if random.rand < 0.5
      Thread.pass if random.rand < 0.3
    end
  end

  # Calls the block again and again in a thread, while files are made and the thread is interrupted: within the block
  # only, at once or while it waits.
  def interrupt_while_touching(count, strike: :immediate, &block)
    done = false
    # The thread begins with the mask of this one.
    thread = Thread.handle_interrupt(Left => :never) do
      Thread.new { interruptible(strike, &block) until done }
    end
    within { touch_and_interrupt(thread, count) }
    done = true
    thread.raise(Left) until thread.join(0.01)
  end

  private

  def interruptible(strike, &block)
    Thread.handle_interrupt(Left => strike, &block)
  rescue Left
    nil
  end
end

RSpec.configure { |config| config.include Interruptions }
