# frozen_string_literal: true

module Inotify
  # One kernel queue as this process reads it: what is read but not handed out yet, and who waits for more.
  # @api private
  class Queue
    # The longest wait in seconds that closing may be unable to end. To wake who waits takes a watch to remove, or room
    # for one; at the limit of watches an instance may have neither.
    GLANCE = 1
    # Whether closing an IO ends a wait for another one of the same number. Since Ruby 4.0 it does not, and the kernel's
    # poll does not either: then the end of the descriptor is found within {GLANCE}.
    CLOSING_ENDS_WAITS = RUBY_VERSION < "4"
    # The longest wait in seconds; nil: no limit. With Ruby's M:N threads, the second thread that waits without a limit
    # for one descriptor is told at once that it is readable, again and again. With a limit it waits as others do.
    LONGEST = ENV["RUBY_MN_THREADS"] == "1" ? 86_400 : nil
    private_constant :GLANCE, :CLOSING_ENDS_WAITS, :LONGEST

    # @return [EventBuffer] what is read and not handed out
    attr_reader :buffer

    # @param fd [Integer] an inotify descriptor
    # @return [Queue] the one of a descriptor that the program holds as a number
    def self.of_number(fd) = new(EventBuffer.of_number(fd), fd)

    # @param watches [WatchTable]
    # @return [Queue] the one of an instance
    def self.of_instance(watches) = new(EventBuffer.of_instance(watches), watches.fileno, watches)

    # @param fd [Integer]
    # @param watches [WatchTable, nil] what owns the descriptor; nil: the program
    def initialize(buffer, fd, watches = nil)
      @buffer = buffer
      @fd = fd
      @watches = watches
      @io = watches ? InstanceIO.new(fd, self) : IO.for_fd(fd, autoclose: false)
      @io_known = false
      @watched = false
      @uses = Uses.of_queue(buffer)
      @uses.io = @io if watches
    end

    # Waits until there is an event to hand out.
    #
    # @return [Boolean] false when the deadline passed first, or the queue was closed
    def wait(deadline)
      gather(deadline) unless deadline.passed?
      until @buffer.fill
        @watches&.reconcile
        return false if closed? || deadline.passed?

        wait_readable(deadline.remaining)
      end
      true
    end

    # Yields what one read gave, or what is left of it. Who leaves the block early calls {rearm}.
    #
    # @param pairs [Boolean] whether to yield the name as a second value
    # @return [Integer] how many events were yielded
    def deliver(pairs, &block) = @buffer.deliver(pairs, &block)

    # Whether there is an event to hand out or to read.
    def waiting? = @buffer.waiting?

    # Lets who waits for the descriptor by other means learn of what is left here.
    def rearm = @buffer.rearm

    # @return [IO] what Ruby and Fiber schedulers wait on, for the program to do so too
    def known_io
      @io_known = true
      @io
    end

    def closed? = @uses.closed?

    # Whether it is closed and its descriptor too.
    def released? = @uses.released?

    # Closes; wakes who waits, and the last of them closes the descriptor. A poll that sleeps in the kernel does not
    # notice that its descriptor closes, and the number could be in use again before it wakes.
    def close
      # Who waits for a known IO by other means is not counted. Without need nobody is woken: that makes closing a
      # millisecond slower, and a number may be shared with another process, whose queue it would change.
      @uses.close(@io_known)
    end

    private

    # While events keep coming, lets them gather for a millisecond: fewer and larger reads cost less.
    def gather(deadline)
      seconds = @buffer.pause
      sleep([seconds, deadline.remaining].compact.min) if seconds
    end

    # From the moment the wait is counted on, the descriptor stays open; a close before that must not be missed.
    def wait_readable(seconds)
      @uses.during do
        seconds = [seconds, GLANCE].compact.min unless wakeable?
        await_io(seconds) unless closed?
      end
    ensure
      @watches&.unreserve
    end

    # Ends when an IO of this number is closed, too: the instance's own, or one of the program's.
    def await_io(seconds)
      Sys.wait_readable(@io, seconds || LONGEST)
      Sys.check(@fd) unless @watches || CLOSING_ENDS_WAITS
    rescue IOError, Errno::EBADF
      raise if @watches

      raise Errno::EBADF, "fd #{@fd} was closed while it was waited for"
    end

    # Whether closing ends a wait. A number's watches are looked up in /proc; from then on its events tell of those
    # that end. A wait with a limit of its own makes each event dearer: the kernel sets a timer and takes it back.
    def wakeable?
      return @watches.reserve if @watches

      @watched = Sys.watched?(@fd) if @buffer.lost_watch? || !@watched
      @watched && CLOSING_ENDS_WAITS
    end
  end
  private_constant :Queue
end
