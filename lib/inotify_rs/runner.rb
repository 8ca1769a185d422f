# frozen_string_literal: true

module Inotify
  # The thread of {Watcher#start}.
  # @api private
  class Runner
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
      wake_and_join unless @thread.nil? || @thread == Thread.current
    end

    def alive? = @thread&.alive?

    private

    def wake_and_join
      loop do
        @feed.wake
        # Another waiter may take the wake-up for its own.
        break if @thread.join(0.1)
      end
    ensure
      @feed.calm
    end

    def run
      @thread = Thread.current
      stopped = -> { @stopping }
      nil while @feed.hand_over(Deadline::NEVER, stopped, &@block)
      @feed.calm
      @feed.hand_over(Deadline::PAST, &@block) if settle
    end

    def settle
      @feed.ask(:sync)
    rescue IOError
      raise unless @feed.closed?
    end
  end
  private_constant :Runner
end
