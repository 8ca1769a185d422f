# frozen_string_literal: true

module Inotify
  # One kernel queue as this process reads it: what is read but not handed out yet, and who waits for more.
  # @api private
  class Queue
    attr_reader :fd

    # @param fd [Integer] an inotify descriptor
    def initialize(fd)
      @fd = fd
      @buffer = EventBuffer.new
      @waiters = 0
      @retired = false
    end

    # Waits until there is an event to hand out.
    #
    # @return [Boolean] false when the deadline passed first
    def wait(deadline)
      until @buffer.fill(@fd)
        return false if deadline.passed?

        wait_readable(deadline.remaining)
        raise Errno::EBADF, "fd #{@fd} was closed while it was waited for" if @retired
      end
      true
    end

    # Yields what one read gave, or what is left of it.
    #
    # @param pairs [Boolean] whether to yield the name as a second value
    # @return [Integer] how many events were yielded
    def deliver(pairs, &block) = @buffer.deliver(pairs, &block)

    def retired? = @retired

    # Wakes who waits; the last of them closes the descriptor. A poll that sleeps in the kernel does not notice that its
    # descriptor closes, and the number could be in use again before it wakes.
    #
    # @return [Boolean] false when nobody waits: then the descriptor is the caller's to close
    def retire
      return false if @waiters.zero?

      @retired = true
      Sys.wake(@fd)
      true
    end

    private

    def wait_readable(seconds)
      @waiters += 1
      Sys.wait_readable(io, seconds)
    ensure
      @waiters -= 1
      Descriptors.close(self) if @retired && @waiters.zero?
    end

    # What Ruby and Fiber schedulers wait on. It does not own the descriptor.
    def io
      @io ||= IO.for_fd(@fd, autoclose: false)
    end
  end
  private_constant :Queue
end
