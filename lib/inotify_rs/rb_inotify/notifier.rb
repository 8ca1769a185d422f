# frozen_string_literal: true

module INotify
  # One inotify instance, with a callback for each watch.
  #
  #   notifier = INotify::Notifier.new
  #   notifier.watch("app", :recursive, :create, :close_write) { |event| puts event.absolute_name }
  #   notifier.run
  #
  # It belongs to the process that made it. In a forked child it begins anew, with the same watches: neither takes
  # events of the other.
  class Notifier
    include Keeping

    # Whether {#process}, {#run} and {#read_events} raise {QueueOverflowError} when the kernel's queue was full. If not,
    # each watcher gets an event with the flag `:q_overflow`, and then those of what has changed in its tree.
    # @return [Boolean] false, unless it is set
    attr_accessor :raise_on_overflow

    # @raise [Inotify::InstanceLimitReached, Errno::EMFILE]
    def initialize
      @running = Mutex.new
      @stop = @closed = @raise_on_overflow = false
      @runner = nil
      @asked = {}.compare_by_identity
      begin_anew
    end

    # Watches a file or directory. Nothing is called before {#process} or {#run}.
    #
    # @param path [String, #to_path]
    # @param flags [Array<Symbol>] of {Inotify::Flags::BITS}; and `:recursive`: all directories below as well, with
    #   those that come later
    # @yieldparam event [Event]
    # @return [Watcher]
    # @raise [SystemCallError] it can't be watched: `Errno::ENOENT`, `EACCES` and others; `EINVAL` without flags
    # @raise [Inotify::WatchLimitReached] an `Errno::ENOSPC`
    # @raise [ArgumentError] an unknown flag
    # @raise [IOError] closed
    def watch(path, *flags, &callback)
      kind = flags.include?(Flags::RECURSIVE) ? TreeWatcher : Watcher
      kind.new(self, path, *flags, &callback)
    end

    # Calls the callbacks of events until {#stop} or {#close}.
    #
    # @raise [IOError] closed before the call
    def run
      raise IOError, "closed #{self.class}" if @closed

      @running.synchronize { run_here }
    end

    # Ends {#run}, and returns when it has ended, unless it is called in a callback. Where {#run} was not called, the
    # next one ends at once. May be called in a signal handler.
    def stop
      @stop = true
      wake
      wait_for_end unless foreign? || @runner.equal?(Thread.current)
      nil
    end

    # Waits until there is something to read, and calls the callbacks of what that gives. An exception leaves those
    # that follow to the next call.
    #
    # @raise [IOError] closed before the call
    # @raise [QueueOverflowError] if {#raise_on_overflow}
    def process
      fill
      while (event = @events.pending.shift)
        event.callback!
      end
      nil
    ensure
      # Left early: it is readable for who waits by other means.
      wake unless @events.pending.empty?
    end

    # Waits until there is something to read.
    #
    # @return [Array<Event>] empty if that was for nobody, or if {#stop} or {#close} was called meanwhile
    # @raise [IOError] closed before the call
    # @raise [QueueOverflowError] if {#raise_on_overflow}
    def read_events
      fill
      pending = @events.pending
      lost = pending.index(&:q_overflow?) if raise_on_overflow
      pending.shift.callback! if lost&.zero?
      pending.shift(lost || pending.size)
    end

    # Ends {#run} and drops what was not handed over. May be called twice.
    def close
      stop
      @closed = true
      @events.queue.close
      @events.pending.clear
      @events.by_wd.clear
      @asked.clear
      nil
    end

    # @return [Integer] the descriptor, the only one there is
    # @raise [IOError] closed
    def fd = current.queue.fileno

    # @return [IO] for `IO.select`: readable when {#process} would not wait
    # @raise [IOError] closed
    def to_io = current.queue.to_io

    # @return [Hash{Integer => Watcher}] by {Watcher#id}; a new one, with an object for each directory in a tree
    def watchers
      return {} if @closed

      events = current
      events.trees.wds.each { |wd| events.by_wd[wd] || events.trees.branch(wd) }
      events.by_wd.dup
    end

    # @return [String] `#<INotify::Notifier fd=5>`
    def inspect = "#<#{self.class} #{@closed ? "closed" : "fd=#{fd}"}>"
    alias to_s inspect

    private

    def run_here
      @runner = Thread.current
      Thread.handle_interrupt(Wake::Halt => :never) { process until @stop || @closed }
    rescue Wake::Halt
      nil
    ensure
      @stop = false
      @runner = nil
    end

    # Waits for one read. It may give nothing to tell; then what can be had without waiting follows.
    def fill
      events = current
      return unless events.pending.empty?

      events.read
      events.read while !@closed && events.pending.empty? && !events.queue.empty?
    end

    def wake
      return if @closed || foreign? || Wake.call(@events)

      @runner&.raise(Wake::Halt) unless @runner.equal?(Thread.current)
    end

    def wait_for_end
      @running.synchronize { nil }
    rescue ThreadError
      # In a signal handler no lock can be taken.
      sleep(0.001) while @runner&.alive?
    end
  end
end
