# frozen_string_literal: true

module Inotify
  # The native thread of a {Watcher} as Ruby sees it: who waits for what it hands over, who is told, and how it ends.
  # @api private
  class Feed
    # Seconds between reports of progress.
    PROGRESS = 0.1
    # Milliseconds that watchers which were dropped may take to end when their descriptors are needed.
    PATIENCE = 100
    # Lets no interrupt in, for `Thread.handle_interrupt`: where a method ends they are, and its answer is lost.
    UNINTERRUPTED = { Object => :never }.freeze
    private_constant :PROGRESS, :PATIENCE

    # @param troubles [Troubles]
    # @param filter [Filter]
    def initialize(troubles, filter)
      @troubles = troubles
      @filter = filter
      # Known before it is started, and anything can interrupt.
      @thread = WatcherThread.new
      @uses = Uses.of_watcher(@thread)
      @pid = Process.pid
      @takers = 0
    end

    # Starts the thread, and waits until it has looked through the trees. An interrupt leaves no thread behind.
    def start(paths, options, on_progress)
      Descriptors.with_room(PATIENCE) { @thread.start(paths, options) }
      @sieve = Sieve.new(@thread, @filter)
      @uses.io = @io = IO.for_fd(@thread.fd, autoclose: false).dup
      wait_until_ready(on_progress)
    ensure
      close unless @ready
    end

    # @return [IO] readable when there are changes, troubles or questions
    def io
      check_open
      # Whoever took changes is about to wait for more.
      rest if @taker == Fiber.current.object_id
      @io
    end

    # Waits until there are changes.
    #
    # @yieldreturn [Boolean] whether to wait no longer
    # @return [WatcherThread, Array, nil] what has them, unless another thread was faster; nil when the deadline passed,
    #   the block says so, or it was closed
    def wait(deadline)
      know_taker
      until @uses.closed?
        check_open if foreign?
        @sieve.judge
        ready = @sieve.ready
        tell_troubles
        return ready if ready || over?(deadline) || (block_given? && yield)

        wait_readable(@io, deadline)
        # It may be readable because of somebody who was woken.
        @thread.calm
      end
    end

    # Waits for changes and yields them. Nothing interrupts between taking and yielding.
    #
    # @param stopped [#call] see {wait}
    # @return [Boolean] whether to go on
    def hand_over(deadline, stopped = nil, &block)
      ready = wait(deadline, &stopped)
      return false unless ready

      WatcherThread.deliver(ready, &block)
      true
    end

    # Asks the thread for something and waits for its answer.
    #
    # @param demand [Symbol] a method of WatcherThread that makes a request
    # @return [Object, nil] nil when the deadline passed, or it was closed meanwhile
    # @raise [IOError] closed
    def ask(demand, deadline = Deadline::NEVER)
      request = nil
      Thread.handle_interrupt(UNINTERRUPTED) { request = @thread.public_send(demand) }
      await_answer(request, deadline)
    ensure
      request&.release
    end

    # @return [Array<String>] the sentences of an audit
    def audit
      @sieve.differences(ask_from_outside(:audit) || check_open).tap { tell_troubles }
    end

    # @return [Array<String>]
    def paths
      @sieve.select(ask_from_outside(:paths) || check_open).tap { tell_troubles }
    end

    # @return [Hash]
    def stats = @thread.stats

    # Wakes who waits for changes, until {calm}.
    def wake = @thread.wake

    # Lets {io} be readable only if there is something to take.
    def calm = @thread.calm

    def close
      @uses.during { @thread.join if @uses.close(true) }
    end

    def closed? = @uses.closed? || foreign?

    # Whether this is the copy of a forked child.
    def foreign? = Process.pid != @pid

    # @return [nil]
    # @raise [IOError] closed, or in a forked child
    def check_open
      raise IOError, "this Inotify::Watcher belongs to process #{@pid}; open a new one after fork" if foreign?
      raise IOError, "closed Inotify::Watcher" if @uses.closed?
    end

    # @return [String]
    def inspect
      return "of process #{@pid}" if foreign?

      @uses.closed? ? "closed" : "fd=#{@io.fileno}"
    end

    private

    # Counts the fibers that take changes, two or more as several. A single one is done with what it took before.
    def know_taker
      taker = Fiber.current.object_id
      @takers += 1 unless @taker == taker || @takers > 1
      @taker = taker
      rest
    end

    # All that was taken is done with, where there is nobody else who may be at it.
    def rest
      @thread.rest unless @takers > 1 || @sieve.holds?
    end

    # A filter would wait for what waits for its own result.
    def ask_from_outside(demand)
      raise FilterError, "a filter cannot call #{demand} of its own watcher" if @sieve.asking?

      ask(demand)
    end

    # Whether to wait no longer. Inside of a filter nobody waits: it would be for the filter's own result.
    def over?(deadline) = deadline.passed? || @sieve.asking?

    def await_answer(request, deadline)
      until (answer = request.answer)
        return if @uses.closed? || over?(deadline)

        raise_failure
        @sieve.judge
        wait_readable(IO.for_fd(request.fd, autoclose: false), deadline)
      end
      answer
    end

    def wait_until_ready(on_progress)
      io = IO.for_fd(@thread.ready_fd, autoclose: false)
      until @thread.ready? || @thread.ended?
        @sieve.judge
        Sys.wait_readable(io, on_progress && PROGRESS)
        on_progress&.call(@thread.stats[:directories])
      end
      tell_troubles
      @ready = true
    end

    # From the moment the wait is counted on, what is waited for stays open; a close before that must not be missed.
    def wait_readable(io, deadline)
      @uses.during { Sys.wait_readable(io, deadline.remaining) unless @uses.closed? }
    end

    def tell_troubles
      Thread.handle_interrupt(UNINTERRUPTED) { @troubles.add(@thread.troubles) } if @thread.troubles?
      Thread.handle_interrupt(UNINTERRUPTED) { @troubles.add(@sieve.take_errors) }
      @troubles.tell
      raise_failure
    end

    # What ended the thread before its time ends all waits.
    def raise_failure
      Thread.handle_interrupt(UNINTERRUPTED) { @failure ||= @thread.failure } if @thread.ended?
      raise @failure if @failure
    end
  end
  private_constant :Feed
end
