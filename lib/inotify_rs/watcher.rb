# frozen_string_literal: true

module Inotify
  # Watches directory trees and single files, and loses nothing: take the paths there are when {#initialize} returns, apply
  # the changes in their order, and you have the paths there are.
  #
  #   watcher = Inotify::Watcher.new("app", "config/routes.rb")
  #   watcher.each { |changes| changes.each { |change| puts "#{change.type} #{change.path}" } }
  #
  # A native thread empties the kernel's queue and looks where events ask for it, without the VM lock. It never calls
  # Ruby: {#take}, {#each} and {#start} hand its changes over, merged, when the tree has been quiet for a moment.
  #
  # A wait lets other threads run, or other fibers under a Fiber scheduler; signals, `Thread#kill`, `Thread#raise` and
  # `Timeout` end it at once. A watcher belongs to the process that made it; a forked child opens its own.
  #
  # What inotify can't tell, it can't: what is written through a memory map, changes made by another machine on a network
  # file system, through a hard link outside of the tree, or by the kernel itself under /proc and /sys.
  class Watcher
    # How many batches may have to be taken until what happened before {#stop} is: the one that lies ready, and the next.
    FAREWELLS = 2
    private_constant :FAREWELLS

    # @param paths [Array<String, #to_path>] directories and files. They need not exist yet; a symbolic link is followed,
    #   and followed again when it changes. Changes are told under the path as it is given. A path inside of another one
    #   adds nothing
    # @param recursive [Boolean] whether directories below the given ones are watched too. Symbolic links in them are not
    #   followed
    # @param debounce [Numeric] for how many seconds it must be quiet before changes are handed over. On a busy tree they
    #   are after ten times that, half a second at least
    # @param on_error [#call, nil] gets each trouble as an exception that names the path: not permitted, limit reached…
    #   Called where changes are taken. nil: one warning of each kind. What is not covered is tried again by itself
    # @raise [ArgumentError] no path, a NUL in a path, a negative debounce
    # @raise [TypeError] what is no path, number or callable
    # @raise [InstanceLimitReached, Errno::EMFILE] no inotify instance or descriptor left
    def initialize(*paths, recursive: true, debounce: 0.05, on_error: nil)
      paths = paths.flatten.map { |path| SystemPath.of(path) }
      raise ArgumentError, "a path is needed: Inotify::Watcher.new(\"app\")" if paths.empty?
      raise ArgumentError, "a path is empty" if paths.any?(&:empty?)

      @on_error = Troubles.new(on_error)
      @waits = Waits.new
      @thread = Descriptors.with_room { WatcherThread.start(paths, recursive ? true : false, seconds(debounce)) }
      @io = IO.for_fd(@thread.fd, autoclose: false).dup
      @runner = @farewells = nil
      @closed = false
      wait_until_ready
    end

    # Yields changes for ever: waits when there are none, and returns when the watcher is closed, or stopped.
    #
    # @yieldparam changes [Array<Change>] in an order in which they can be applied; never empty
    # @return [self]
    # @return [Enumerator] without a block
    # @raise [IOError] closed before the call
    def each
      return to_enum unless block_given?

      check_open
      while wait(Deadline::NEVER)
        changes = @thread.take
        yield changes unless changes.empty?
      end
      self
    end
    alias run each

    # @!method take(timeout: nil)
    #   Takes the changes there are. Waits for the first.
    #
    #   @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    #   @return [Array<Change>] in an order in which they can be applied; empty when `timeout` passed
    #   @raise [IOError] closed, before the call or meanwhile

    # Yields changes in a thread of its own, until {#stop} or {#close}.
    #
    # @yieldparam changes [Array<Change>]
    # @return [self]
    # @raise [ArgumentError] no block
    # @raise [ThreadError] it runs already
    # @raise [IOError] closed
    def start(&block)
      raise ArgumentError, "a block is needed: watcher.start { |changes| … }" unless block

      check_open
      raise ThreadError, "started already; stop it first" if @runner&.alive?

      @farewells = nil
      @runner = Thread.new { each(&block) }
      @runner.name = "Inotify::Watcher"
      self
    end

    # Ends what {#start} began, after all that has happened until now was handed over. What the block raised is raised
    # here. Starting again goes on where it ended.
    #
    # @return [self]
    def stop
      runner = @runner
      return self unless runner

      @farewells = FAREWELLS
      # Another waiter may take the wake-up for its own.
      @thread.wake until runner == Thread.current || runner.join(0.1)
      @runner = nil
      self
    end

    # Waits until all that happened before the call has been handed over, or is in the next batch. Touches no file.
    #
    # @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    # @return [Boolean] false when `timeout` passed
    # @raise [IOError] closed
    def sync(timeout: nil)
      deadline = Deadline.after(timeout)
      check_open
      ask(@thread.sync, deadline) ? true : false
    end

    # All paths the watcher knows, the watched ones among them: what the changes that were handed over lead to, and those
    # that are about to be.
    #
    # @return [Array<String>] directories before what is in them
    # @raise [IOError] closed
    def paths
      check_open
      ask(@thread.paths, Deadline::NEVER)
    end

    # For `IO.select` and event loops: readable when {#take} would not wait. Not to be read.
    #
    # @return [IO]
    # @raise [IOError] closed
    def to_io
      check_open
      @io
    end

    # Closes, and ends the thread. Whoever waits wakes up: {#each} returns, {#take} raises `IOError`. What was not handed
    # over is dropped. May be called twice, from any thread, from the block and in a signal handler.
    #
    # @return [nil]
    def close
      return if @closed

      @closed = true
      @thread.close
      release unless foreign? || @waits.any?
      nil
    end

    # @return [Boolean] whether it is closed; true in a forked child
    def closed? = @closed || foreign?

    # @return [String]
    def inspect
      state = if foreign? then "of process #{@thread.pid}"
              elsif closed? then "closed"
              else "fd=#{@io.fileno}"
              end
      "#<#{self.class} #{state}>"
    end
    alias to_s inspect

    private

    def initialize_copy(_other)
      raise TypeError, "an Inotify::Watcher has one thread and one queue and cannot be copied; make another"
    end

    def seconds(debounce)
      raise TypeError, "debounce must be a number of seconds, not #{debounce.inspect}" unless debounce.is_a?(Numeric)
      raise ArgumentError, "debounce must not be negative: #{debounce}" unless debounce >= 0

      debounce.to_f
    end

    # An interrupt leaves no thread behind.
    def wait_until_ready
      io = IO.for_fd(@thread.ready_fd, autoclose: false)
      Sys.wait_readable(io, nil) until @thread.ready? || @thread.ended?
      tell_troubles
    rescue Exception
      close
      raise
    end

    # Whether this is the copy of a forked child.
    def foreign? = Process.pid != @thread.pid

    def check_open
      raise IOError, "this #{self.class} belongs to process #{@thread.pid}; open a new one after fork" if foreign?
      raise IOError, "closed #{self.class}" if @closed
    end

    # Waits until there are changes.
    #
    # @return [Boolean] false when the deadline passed, or the watcher was closed or stopped
    def wait(deadline)
      until @closed
        tell_troubles
        return true if @thread.changes? || farewell?
        return false if stopping? || deadline.passed?

        wait_readable(@io, deadline)
      end
      false
    end

    def stopping? = @farewells && Thread.current == @runner

    # Whether there are changes left that happened before {#stop} was called.
    def farewell?
      return false unless stopping? && @farewells.positive?

      @farewells -= 1
      sync && @thread.changes?
    end

    # The waiting part of {#take}: the thread when it has changes.
    def await(timeout)
      deadline = Deadline.after(timeout)
      check_open
      return @thread if wait(deadline)

      check_open
      nil
    end

    def ask(request, deadline)
      io = IO.for_fd(request.fd, autoclose: false)
      until (answer = request.answer)
        check_open
        raise IOError, "the thread of this #{self.class} has ended" if @thread.ended?
        return if deadline.passed?

        wait_readable(io, deadline)
      end
      answer
    end

    def wait_readable(io, deadline)
      @waits.during { Sys.wait_readable(io, deadline.remaining) }
    ensure
      release if @closed && !@waits.any?
    end

    def release
      @io.close
    end

    def tell_troubles
      @thread.troubles.each { |trouble| @on_error.tell(trouble) }
      failure = @thread.failure
      raise failure if failure
    end
  end
end
