# frozen_string_literal: true

module Inotify
  # The thread of {Watcher#start}.
  # @api private
  class Runner
    # How many batches may have to be taken until what happened before {stop} is: the one that lies ready, and the next.
    FAREWELLS = 2
    private_constant :FAREWELLS

    # @param feed [Feed]
    def initialize(feed, block)
      @feed = feed
      @block = block
      @stopping = false
    end

    def start
      @thread = Thread.new { run }
      @thread.name = "Inotify::Watcher"
    end

    # Waits until the thread has ended, unless it is this one; raises what ended it.
    def stop
      @stopping = true
      return if @thread.nil? || @thread == Thread.current

      loop do
        @feed.wake
        # Another waiter may take the wake-up for its own.
        break if @thread.join(0.1)
      end
    end

    def alive? = @thread&.alive?

    private

    def run
      @thread = Thread.current
      stopped = -> { @stopping }
      nil while @feed.hand_over(Deadline::NEVER, stopped, &@block)
      FAREWELLS.times { @feed.hand_over(Deadline::PAST, &@block) if settle }
    end

    def settle
      @feed.ask(:sync)
    rescue IOError
      raise unless @feed.closed?
    end
  end
  private_constant :Runner
end
