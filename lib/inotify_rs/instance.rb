# frozen_string_literal: true

module Inotify
  # An inotify instance as an object: one descriptor, its watches, and events that know their watch. Closes by {#close},
  # at the end of an {.open} block, or when it is collected.
  #
  #   Inotify::Instance.open do |instance|
  #     instance.add_watch("app", :create, :close_write)
  #     instance.each { |event| puts event.path }
  #   end
  #
  # A wait lets other threads run, or other fibers under a Fiber scheduler; signals, `Thread#kill`, `Thread#raise` and
  # `Timeout` end it at once. They may also come between the delivery of an event and the line that keeps it, as with
  # IO#read. To let them in only while it waits, so that every event is either kept or delivered again:
  #
  #   Thread.handle_interrupt(Object => :on_blocking) { instance.each { |event| seen << event } }
  #
  # Any thread may {#close}. An instance belongs to the process that opened it: in a forked child it is closed, and the
  # parent loses nothing.
  class Instance
    include Enumerable

    # @yieldparam instance [Instance] closed when the block is left
    # @return [Object] what the block returns; without a block, the instance
    # @raise [InstanceLimitReached, Errno::EMFILE] see {#initialize}
    def self.open
      instance = new
      return instance unless block_given?

      begin
        yield instance
      ensure
        instance.close
      end
    end

    # @raise [InstanceLimitReached] the user's limit of instances, after a garbage collection did not help
    # @raise [Errno::EMFILE] the process has no descriptor left
    def initialize
      @pid = Process.pid
      @watches = Internal::Descriptors.with_room { Internal::WatchTable.open }
      @reader = Internal::Reader.of_instance(@watches)
      @reader.io = Internal::InstanceIO.new(@watches.fileno, @reader)
    end

    # Watches a file or directory.
    #
    # @param path [String, #to_path]
    # @param flags [Array<Symbol, Integer>] `:create, :modify`, or a mask
    # @return [Watch]
    # @raise [SystemCallError, WatchLimitReached, ArgumentError, TypeError, RangeError] as {Inotify.add_watch}
    # @raise [IOError] closed
    def add_watch(path, *flags)
      raise ArgumentError, "flags are needed: instance.add_watch(path, :create, :modify)" if flags.empty?

      path = String.new(Internal::SystemPath.of(path)).freeze
      mask = Flags.to_mask(*flags)
      @reader.check_open
      @watches.add(path, mask)
    end

    # @return [Array<Watch>] the watches that are not removed, by rising wd
    # @raise [IOError] closed
    def watches
      @reader.check_open
      @watches.list
    end

    # Yields events until the instance is closed. Waits when there are none. Leaving the block early loses nothing.
    #
    # @yieldparam event [Event]
    # @yieldparam name [String] for a block with two parameters: {Event#name}, "" where the kernel sent none
    # @return [self]
    # @return [Enumerator] without a block
    # @raise [IOError] closed before the call
    def each(&block)
      return to_enum unless block

      @reader.check_open
      pairs = Internal::Arity.pairs?(block)
      begin
        nil while @reader.deliver(Internal::Deadline::NEVER, pairs, &block).positive?
      ensure
        @reader.rearm
      end
      self
    end

    # @!method read(timeout: nil)
    #   Returns the events of one read(2), or those that {#each} left of one. Blocks until there is at least one.
    #
    #   @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    #   @return [Array<Event>] empty when `timeout` passed
    #   @raise [IOError] closed, before the call or meanwhile

    # @return [Boolean] whether {#read} returns an event without waiting
    # @raise [IOError] closed
    def events_waiting?
      @reader.check_open
      @reader.waiting?
    end

    # Returns the IO for `IO.select` and event loops. It is readable when {#read} returns without waiting. Reading from
    # it loses events: use the methods of the instance.
    #
    # @return [IO] closed with the instance, and the instance with it
    # @raise [IOError] closed
    def to_io
      @reader.check_open
      # An Enumerator's fiber may hold back what it was given.
      @reader.rearm
      @reader.io
    end

    # @return [Integer] the descriptor
    # @raise [IOError] closed
    def fileno
      @reader.check_open
      @watches.fileno
    end

    # Closes the instance and drops undelivered events. Wakes all waiters: {#each} returns, {#read} raises `IOError`.
    # May be called twice, from any thread, from the block and in a signal handler.
    #
    # @return [nil]
    def close
      @reader.close
    end

    # @return [Boolean] whether it is closed; true in a forked child
    def closed? = @reader.closed? || @watches.foreign?

    # @return [String] `#<Inotify::Instance fd=5 watches=2>`
    def inspect
      return "#<#{self.class} of process #{@pid}>" if @watches.foreign?

      "#<#{self.class} #{closed? ? "closed" : "fd=#{@watches.fileno} watches=#{@watches.list.size}"}>"
    end
    alias to_s inspect

    private

    def initialize_copy(_other)
      raise TypeError, "an Inotify::Instance is one kernel queue and cannot be copied; open another"
    end
  end
end
