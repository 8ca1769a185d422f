# frozen_string_literal: true

module Inotify
  # One kernel queue as this process reads it: what is read but not handed out yet, and who waits for more.
  # @api private
  class Queue
    # The longest wait in seconds that closing may be unable to end. To wake who waits takes a watch to remove, or room
    # for one; at the limit of watches an instance may have neither.
    GLANCE = 1
    private_constant :GLANCE

    # @return [EventBuffer] what is read and not handed out
    attr_reader :buffer

    # @param fd [Integer] an inotify descriptor
    # @param io [IO, nil] what owns it; nil: the program, which holds it as a number
    # @param watches [WatchTable, nil] where the watch of an event is found
    def initialize(fd, io: nil, watches: nil)
      @fd = fd
      @io = io
      @watches = watches
      @buffer = EventBuffer.new(watches)
      @waiters = []
      @closed = false
    end

    # Waits until there is an event to hand out.
    #
    # @return [Boolean] false when the deadline passed first, or the queue was closed
    def wait(deadline)
      glanced = false
      until @closed || @buffer.fill(@fd)
        @watches&.reconcile
        return false if deadline.passed?

        patience = glanced && Sys.watched?(@fd) ? nil : GLANCE
        wait_readable([deadline.remaining, patience].compact.min)
        glanced = true
      end
      !@closed
    end

    # Whether there is an event to hand out. Takes none from the kernel: select(2) stays right.
    def waiting? = @buffer.pending? || Sys.readable?(@fd)

    # Yields what one read gave, or what is left of it.
    #
    # @param pairs [Boolean] whether to yield the name as a second value
    # @return [Integer] how many events were yielded
    def deliver(pairs, &block)
      @buffer.deliver(pairs, &block)
    ensure
      # Who waits for the descriptor by other means is to learn of what is left.
      @watches&.rearm if @buffer.pending?
    end

    def closed? = @closed

    # Whether it is closed and its descriptor too.
    def released? = @closed && !waited_for?

    # Closes; wakes who waits, and the last of them closes the descriptor. A poll that sleeps in the kernel does not
    # notice that its descriptor closes, and the number could be in use again before it wakes.
    def close
      @closed = true
      @buffer.clear
      # Who waits for an IO by other means is not known here. A number may be shared with another process, whose queue
      # is left alone unless there is need.
      Sys.wake(@fd) if @io || waited_for?
      release unless waited_for?
    end

    # Closes the copy of the descriptor that a forked child has. Whoever waited is not in this process.
    def abandon
      @closed = true
      @buffer.clear
      release
    end

    private

    # Threads that a fork left behind wait for nothing.
    def waited_for? = @waiters.any?(&:alive?)

    def wait_readable(seconds)
      @waiters << (waiter = Thread.current)
      begin
        # From here on the descriptor stays open; a close before that must not be missed.
        Sys.wait_readable(@io || unowned_io, seconds) unless @closed
      ensure
        @waiters.delete_at(@waiters.index(waiter))
        release if released?
      end
    end

    # What Ruby and Fiber schedulers wait on where the program owns the descriptor.
    def unowned_io
      @unowned_io ||= IO.for_fd(@fd, autoclose: false)
    end

    def release = @io ? @io.close : Sys.close(@fd)
  end
  private_constant :Queue
end
