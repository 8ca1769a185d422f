# frozen_string_literal: true

module Inotify
  # Watches directory trees and single files, and loses nothing: take the paths there are when {#initialize} returns,
  # apply the changes in their order, and you have the paths there are.
  #
  #   watcher = Inotify::Watcher.new("app", "config/routes.rb")
  #   watcher.each { |changes| changes.each { |change| puts "#{change.type} #{change.path}" } }
  #
  # A native thread empties the kernel's queue and looks where events ask for it, without the VM lock. It never calls
  # Ruby: {#take}, {#each} and {#start} hand its changes over, merged, when the tree has been quiet for a moment.
  #
  # A wait lets other threads run, or other fibers under a Fiber scheduler; signals, `Thread#kill`, `Thread#raise` and
  # `Timeout` end it at once. Between the taking of changes and the first line of a block nothing strikes; but it may
  # between {#take} and what keeps its answer, as with IO#read. To let interrupts in while waiting and nowhere else:
  #
  #   Thread.handle_interrupt(Object => :on_blocking) { seen.concat(watcher.take) }
  #
  # A watcher belongs to the process that made it; a forked child opens its own.
  #
  # Paths are those of the moment at which a batch is taken. If a file or its directory is renamed before you read it,
  # the next batch reports the rename: read a file that you did not find where the rename leads. Where more than renames
  # happened, the batch also reports the file as modified.
  #
  # A file that is opened for writing and closed without a write is not reported. What is written through a memory map
  # is, when the last who has the file open or mapped closes it.
  #
  # What inotify can't tell, it can't: changes made by another machine on a network file system, through a hard link
  # outside of the tree, or by the kernel itself under /proc and /sys.
  class Watcher
    # Who wants it quiet for as long as this, in seconds, wants no changes but by {#sync}.
    LONGEST = 2**32
    # Seconds between calls of `on_progress`.
    PROGRESS = 0.1
    # Milliseconds that watchers which were dropped may take to end when their descriptors are needed.
    PATIENCE = 100
    private_constant :LONGEST, :PROGRESS, :PATIENCE

    # @param paths [Array<String, #to_path>] directories and files. They need not exist yet; a symbolic link is
    #   followed, and followed again when it changes. Changes are told under the path as it is given. A path inside of
    #   another one adds nothing
    # @param recursive [Boolean] whether directories below the given ones are watched too
    # @param only [String, Regexp, #call, Array, nil] which files count: patterns as in a .gitignore file, relative to
    #   the watched path (`"*.rb"` anywhere, `"lib/**/*.rb"`, `"lib/"` for all that is in it), also with `{a,b}`;
    #   Regexps, which match the path relative to the watched one; or callables that get the whole path. Directories
    #   are then not told of, and a renamed one is told as its files. nil: everything
    # @param ignore [String, Regexp, #call, Array, nil] what does not count, nor what is in it: `"tmp/"`, `"*.log"`.
    #   An ignored directory gets no watch. Prefer patterns: a Regexp or callable is asked about each directory where
    #   changes are taken, and makes the rename of a directory a removal and a creation. One that raises includes the
    #   path, and `on_error` gets a {FilterError}. One that calls {#take} or {#sync} of this watcher waits for nothing
    # @param gitignore [Boolean] whether what git ignores does not count: `.git`, and what .gitignore files in the tree
    #   and above it, `.git/info/exclude` and `core.excludesFile` say, each repository by its own. Their changes hold at
    #   once. Tracked files that a rule matches do not count either: the index is not read. Of a repository that belongs
    #   to another user, only .gitignore files count unless git's `safe.directory` names it
    # @param follow_symlinks [Boolean] whether symbolic links are followed, again and again as what is on their way
    #   changes. Each directory is entered once, by its own path if it has one in the tree; other links to it are told
    #   as files. A link to a file is modified when the file is, or when it leads to another
    # @param debounce [Numeric] for how many seconds it must be quiet before changes are handed over. On a busy tree
    #   they are after ten times that, half a second at least
    # @param on_error [#call, nil] gets each trouble as an exception that names the path: not permitted, limit
    #   reached, a root that is gone… Called where changes are taken. nil: one warning of each kind. What is not covered
    #   is tried again by itself
    # @param on_progress [#call, nil] gets the number of directories found so far, ten times a second at most, while the
    #   trees are looked through before this method returns
    # @raise [ArgumentError] no path, a NUL in a path, a negative debounce, a pattern that can never match
    # @raise [TypeError] what is no path, number or callable
    # @raise [InstanceLimitReached, Errno::EMFILE, Errno::EAGAIN] no inotify instance, descriptor or thread left
    def initialize(*paths, recursive: true, only: nil, ignore: nil, gitignore: false, follow_symlinks: false,
                   debounce: 0.05, on_error: nil, on_progress: nil)
      check_callable(:on_progress, on_progress)
      check_callable(:on_error, on_error)
      paths = paths_of(paths)
      filter = Internal::Filter.new(paths, only, ignore, apart: gitignore)
      options = filter.options.merge(recursive: truth(recursive), gitignore: truth(gitignore),
                                     follow_symlinks: truth(follow_symlinks), debounce: seconds(debounce))
      # Known before it is started, and anything can interrupt.
      @delivery = Internal::Delivery.new(filter, on_error)
      @thread = @delivery.thread
      begin_watching(paths, options, on_progress)
    end

    # Yields changes for ever: waits when there are none, and returns when the watcher is closed.
    #
    # @yieldparam changes [Array<Change>] in an order in which they can be applied; never empty
    # @return [self]
    # @return [Enumerator] without a block
    # @raise [IOError] closed before the call
    def each(&block)
      return to_enum unless block

      @thread.check_open
      nil while @thread.deliver(Internal::Deadline::NEVER, &block)
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

      @thread.check_open
      raise ThreadError, "started already; stop it first" if @runner&.alive?

      # Known before its block may want to stop it.
      @runner = Internal::Runner.new(@delivery, block)
      @runner.start
      self
    end

    # Ends what {#start} began, after all that has happened until now was handed over. What the block raised is raised
    # here, once. Starting again goes on where it ended. Called by the block, it takes effect after the block.
    #
    # @return [self]
    def stop
      runner = @runner
      runner&.stop
      self
    ensure
      @runner = nil unless @runner != runner || runner&.alive?
    end

    # Waits until all that happened before the call has been handed over, or is in the next batch: in the one that lies
    # ready, if there is one. Touches no file.
    #
    # @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    # @return [Boolean] false when `timeout` passed
    # @raise [IOError] closed
    def sync(timeout: nil)
      @delivery.sync(Internal::Deadline.after(timeout))
    end

    # All paths the watcher knows, the watched ones among them: what the changes that were handed over lead to, and
    # those that are about to be.
    #
    # @return [Array<String>] directories before what is in them
    # @raise [IOError] closed
    def paths
      @delivery.paths
    end

    # How the watcher is doing, as of a moment ago.
    #
    # @return [Hash{Symbol => Numeric}] `directories` and `files` it knows; `watches` of the kernel it has for them;
    #   `events` read, `changes` handed over, and how many events were `merged` into fewer changes; `overflows` of the
    #   kernel's queue; `rescans`, how often everything was looked at again; `queue_depth`, bytes of events that are
    #   read and not applied yet; `lag`, seconds from reading to applying of the events applied last
    # @raise [IOError] closed
    def stats
      @thread.stats
    end

    # Compares what the watcher believes with the kernel's list of watches and with the disk, when all that happened
    # before is applied. Looks at every directory; for a tree that is quiet.
    #
    # @return [Array<String>] the differences, a sentence each; empty when all is well
    # @raise [IOError] closed
    # @raise [Errno::EMFILE] no descriptor left to look with
    def audit
      @delivery.differences
    end

    # For `IO.select` and event loops: readable when there are changes to {#take}, or something to tell `on_error` or to
    # ask a filter as they are taken; `take(timeout: 0)` does it all and never waits. Not to be read.
    #
    # @return [IO]
    # @raise [IOError] closed
    def to_io
      @thread.done
      @thread.io
    end

    # Closes, and ends the thread. Whoever waits wakes up: {#each} returns, {#take} raises `IOError`. What was not
    # handed over is dropped. May be called twice, from any thread, from the block and in a signal handler.
    #
    # @return [nil]
    def close
      @thread.close
    end

    # @return [Boolean] whether it is closed; true in a forked child
    def closed? = @thread.closed?

    # @return [String] `#<Inotify::Watcher fd=9>`
    def inspect
      return "#<#{self.class} of process #{@thread.pid}>" if @thread.foreign?

      "#<#{self.class} #{closed? ? "closed" : "fd=#{@thread.io.fileno}"}>"
    end
    alias to_s inspect

    private

    # Starts the thread, and waits until it has scanned the trees. An interrupt leaves no thread behind.
    def begin_watching(paths, options, on_progress)
      Internal::Descriptors.with_room(PATIENCE) { @thread.start(paths, options) }
      until @thread.ready?
        @delivery.reply
        @thread.await_ready(on_progress && PROGRESS)
        on_progress&.call(@thread.stats[:directories])
      end
      @delivery.deliver_errors
      opened = true
    ensure
      @thread.close unless opened
    end

    def initialize_copy(_other)
      raise TypeError, "an Inotify::Watcher has one thread and one queue and cannot be copied; make another"
    end

    def paths_of(paths)
      paths = paths.flatten.map { |path| Internal::SystemPath.of(path) }
      raise ArgumentError, "a path is needed: Inotify::Watcher.new(\"app\")" if paths.empty?
      raise ArgumentError, "a path is empty" if paths.any?(&:empty?)

      paths
    end

    def check_callable(name, listener)
      raise TypeError, "#{name} must have a method call, not #{listener.inspect}" unless
        listener.nil? || listener.respond_to?(:call)
    end

    def truth(object) = object ? true : false

    def seconds(debounce)
      unless debounce.is_a?(Numeric) && debounce.real?
        raise TypeError, "debounce must be a number of seconds, not #{debounce.inspect}"
      end
      raise ArgumentError, "debounce must be 0 seconds or more, not #{debounce}" unless debounce >= 0

      [debounce, LONGEST].min.to_f
    end
  end
end
