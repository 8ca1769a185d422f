# frozen_string_literal: true

module Inotify
  module Internal
    # The thread of {Watcher#start}.
    # @api private
    class Runner
      # @param delivery [Delivery]
      def initialize(delivery, block)
        @delivery = delivery
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

      def watcher = @delivery.thread

      def wake_and_join
        loop do
          watcher.wake
          # Another waiter may take the wake-up for its own.
          break if @thread.join(0.1)
        end
      ensure
        watcher.unwake
      end

      def run
        @thread = Thread.current
        nil while watcher.deliver(@stopping ? Deadline::PAST : Deadline::NEVER, &@block)
        watcher.unwake
        watcher.deliver(Deadline::PAST, &@block) if sync
      end

      def sync
        @delivery.sync(Deadline::NEVER)
      rescue IOError
        raise unless watcher.closed?
      end
    end
  end
end
