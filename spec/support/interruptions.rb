# frozen_string_literal: true

# What waits are left with, and files that are made meanwhile.
module Interruptions
  # What a wait or a block is left with.
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
end

RSpec.configure { |config| config.include Interruptions }
