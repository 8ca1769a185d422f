# frozen_string_literal: true

require_relative "../internal/poll"

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
    # For `lib/inotify_rs` only, which this belongs to.
    INTERNAL = Inotify.const_get(:Internal)
    private_constant :INTERNAL

    # Whether {#process}, {#run} and {#read_events} raise {QueueOverflowError} when the kernel's queue was full. If not,
    # each watcher gets an event with the flag `:q_overflow`, and then those of what has changed in its tree.
    # @return [Boolean] false, unless it is set
    attr_accessor :raise_on_overflow

    # @raise [Inotify::InstanceLimitReached, Errno::EMFILE]
    def initialize
      @running = Mutex.new
      @stop = @closed = @raise_on_overflow = false
      @runner = nil
      @warned_of = []
      begin_anew
    end

    # Watches a file or directory. Nothing is called before {#process} or {#run}. A large tree takes time: other threads
    # run meanwhile, and an interrupt ends it and removes what was watched until then. Trees are scanned where inotify
    # does not see what happens: on network and FUSE file systems, and beyond the limit of watches.
    #
    # @param path [String, #to_path]
    # @param flags [Array<Symbol>] of {Inotify::Flags::BITS}; and `:recursive`: all directories below as well, with
    #   those that come later
    # @yieldparam event [Event]
    # @return [Watcher]
    # @raise [SystemCallError] it can't be watched: `Errno::ENOENT`, `EACCES` and others; `EINVAL` without flags
    # @raise [Inotify::WatchLimitReached] an `Errno::ENOSPC`; for a tree only if there is no watch at all
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
      @reader.wake unless @closed || foreign?
      wait_for_end unless foreign? || @runner.equal?(Thread.current)
      nil
    end

    # Waits until there is something to read, and calls the callbacks of what that gives. An exception leaves those
    # that follow to the next call.
    #
    # @raise [IOError] closed before the call
    # @raise [QueueOverflowError] if {#raise_on_overflow}
    def process
      reader = current
      reader.fill
      reader.deliver(&:callback!)
      nil
    end

    # @!method read_events
    #   Waits until there is something to read.
    #
    #   @return [Array<Event>] empty if that was nobody's, or if {#stop} or {#close} was called meanwhile
    #   @raise [IOError] closed before the call
    #   @raise [QueueOverflowError] if {#raise_on_overflow}
    INTERNAL::TreeReader.define_read_events(self)

    # Ends {#run} and drops what was not delivered. May be called twice.
    def close
      stop
      @closed = true
      @instance.close
      @reader.clear
      nil
    end

    # @return [Integer] the descriptor, the only one there is
    # @raise [IOError] closed
    def fd = current && @instance.fileno

    # @return [IO] for `IO.select`: readable when {#process} would not wait
    # @raise [IOError] closed
    def to_io = current.to_io

    # @return [Hash{Integer => Watcher}] by {Watcher#id}; a new one, with an object for each directory in a tree
    def watchers = @closed ? {} : current.watchers

    # @return [String] `#<INotify::Notifier fd=5>`
    def inspect = "#<#{self.class} #{@closed ? "closed" : "fd=#{fd}"}>"
    alias to_s inspect

    private

    def run_here
      @runner = Thread.current
      process until @stop || @closed
    ensure
      @stop = false
      @runner = nil
    end

    def wait_for_end
      @running.synchronize { nil }
    rescue ThreadError
      # In a signal handler no lock can be taken.
      sleep(0.001) while @runner&.alive?
    end

    def begin_anew
      @pid = Process.pid
      @instance = Inotify::Instance.new
      @reader = INTERNAL::TreeReader.new(@instance, Event, DirectoryWatcher, self, INTERNAL::Poll::INTERVAL) do |*error|
        warn_once(*error)
      end
    end

    # The reader of this process.
    def current
      return @reader if @closed || !foreign?

      watchers = @reader.by_wd.values.reject { |watcher| watcher.instance_of?(DirectoryWatcher) }
      begin_anew
      watchers.each do |watcher|
        watcher.__send__(:renew)
      rescue SystemCallError
        # It does not exist any more.
      end
      @reader
    end

    def foreign? = @pid != Process.pid

    # Called by a new watcher.
    def add(watcher, mask)
      current.add(watcher, system_path(watcher), mask)
    end

    # (see #add)
    def add_tree(watcher, requested)
      reader = current
      mark_trees
      reader.add_tree(watcher, system_path(watcher), requested)
    end

    def system_path(watcher) = String.new(INTERNAL::SystemPath.of(watcher.path)).freeze

    def remove(watcher)
      reader = current
      return if watcher.is_a?(TreeWatcher) && reader.remove_dir(watcher.id)

      Inotify.rm_watch(@instance.fileno, watcher.id)
      reader.forget(watcher.id)
    end

    # From now on mounts are noticed, and what inotify cannot see is polled. Without /proc neither is possible.
    def mark_trees
      @reader.mark_trees
    rescue Inotify::WatchLimitReached
      raise
    rescue SystemCallError => e
      return if @warned_of.include?(:mounts)

      @warned_of << :mounts
      warn("inotify_rs: what is mounted or unmounted in trees is not noticed: #{e.message}")
    end

    # Called by the reader. Warns once of all directories whose changes are lost, of each polled file system, and of
    # each other reason to poll: there may be many directories beyond the limit of watches.
    def warn_once(error, lost = nil)
      reason = lost ? :lost : error.class
      reason = error.message if error.is_a?(Inotify::RemoteFileSystem)
      return if @warned_of.include?(reason)

      @warned_of << reason
      text = error.message
      text = "#{lost.inspect} cannot be watched or examined, and maybe others: #{text}. Changes are lost" if lost
      warn("inotify_rs: #{text}")
    end
  end
end
