# frozen_string_literal: true

require_relative "change"
require_relative "internal/delivery"
require_relative "internal/filter"
require_relative "internal/poll"
require_relative "internal/runner"

module Inotify
  # Watches directory trees and single files, and loses nothing: take the paths that exist when {#initialize} returns,
  # apply the changes in their order, and you have the paths that exist.
  #
  #   watcher = Inotify::Watcher.new("app", "config/routes.rb")
  #   watcher.each { |changes| changes.each { |change| puts "#{change.type} #{change.path}" } }
  #
  # A native thread reads the kernel's queue and scans directories, without the VM lock. It never calls Ruby: {#take},
  # {#each} and {#start} deliver its changes, merged, when the tree has been quiet for a moment.
  #
  # A wait lets other threads run, or other fibers under a Fiber scheduler; signals, `Thread#kill`, `Thread#raise` and
  # `Timeout` end it at once. No interrupt comes between taking changes and the first line of a block; but one may come
  # between {#take} and the line that keeps its result, as with IO#read. To let interrupts in only while it waits:
  #
  #   Thread.handle_interrupt(Object => :on_blocking) { seen.concat(watcher.take) }
  #
  # A watcher belongs to the process that opened it; a forked child opens its own.
  #
  # Paths are those of the moment at which a batch is taken. If a file or its directory is renamed before you read it,
  # the next batch reports the rename: read a file that you did not find at its new path. If more than a rename
  # happened, the batch also reports the file as modified.
  #
  # A file that is opened for writing and closed without a write is not reported. Writes through a memory map are
  # reported when the last process that has the file open or mapped closes it.
  #
  # inotify cannot report the changes that others make on a network or FUSE file system, nor those in directories beyond
  # the limit of watches: these are scanned at intervals, and {Change#rescanned?} is true for what is found so. Changes
  # through a hard link outside of the tree, or by the kernel itself under /proc and /sys, are not reported.
  class Watcher
    Internal.define_watcher

    # A longer debounce, in seconds, has no end: changes are delivered by {#sync} only.
    LONGEST = 2**32
    # Seconds between calls of `on_progress`.
    PROGRESS = 0.1
    # Milliseconds that watchers which were dropped may take to end when their descriptors are needed.
    PATIENCE = 100
    private_constant :LONGEST, :PROGRESS, :PATIENCE

    # Opens a watcher and scans the trees. Returns when all of them are watched.
    #
    # @param paths [Array<String, #to_path>] the roots: directories and files. They need not exist yet; a symbolic link
    #   is followed, and followed again when it changes. Changes are reported under the root's path as it is given. A
    #   root inside of another one adds nothing
    # @param recursive [Boolean] whether directories below the roots are watched too (default true)
    # @param only [String, Regexp, #call, Array, nil] the files that are included: patterns as in a .gitignore file,
    #   relative to the root (`"*.rb"` anywhere, `"lib/**/*.rb"`, `"lib/"` for everything in it), also with `{a,b}`;
    #   Regexps, which match the path relative to the root; or callables that get the whole path. Only files are
    #   reported then, and the rename of a directory as renames of its files. nil: everything
    # @param ignore [String, Regexp, #call, Array, nil] the paths that are ignored, with everything below them:
    #   `"tmp/"`, `"*.log"`. Ignored directories get no watch. Prefer patterns: a Regexp or callable is asked about each
    #   directory where changes are taken, and turns the rename of a directory into a removal and a creation. If one
    #   raises, the path is included and `on_error` gets a {FilterError}. A callable that calls {#take} or {#sync} of
    #   this watcher does not wait
    # @param gitignore [Boolean] whether to ignore what git ignores: `.git`, and the rules of .gitignore files in the
    #   tree and above it, of `.git/info/exclude` and `core.excludesFile`, for each repository its own. Changed rules
    #   apply at once. Tracked files that a rule matches are ignored too: the index is not read. In a repository that
    #   belongs to another user, only .gitignore files apply unless git's `safe.directory` names it
    # @param follow_symlinks [Boolean] whether symbolic links are followed, and followed again when anything on their
    #   way changes. Each directory is entered once, by its own path if it has one in the tree; other links to it are
    #   reported as files. A link to a file is modified when the file is, or when the link gets another target
    # @param debounce [Numeric] seconds without changes before a batch is delivered (default 0.05). On a busy tree a
    #   batch is delivered after ten times that, at least half a second
    # @param since [String, #to_path, nil] the file of a {#checkpoint}. What changed since then is the first batch,
    #   which {#take} returns at once; live changes follow. A file that was renamed is recognized by its inode and birth
    #   time, where the file system has them; a file whose inode, size, mtime or ctime differs is modified. If there is
    #   no file, everything is created. To begin without a batch instead, use `since: (path if File.exist?(path))`. The
    #   roots, filters and options must be those of the watcher that wrote it; callables are not compared
    # @param poll [Numeric, :always, Array(:always, Numeric), nil] seconds between two scans of what inotify cannot see
    #   (default 1.0): network and FUSE file systems, and directories beyond the limit of watches. The scans take a
    #   twentieth of the time at most: very many files are scanned less often. `:always` and `[:always, 0.5]` scan
    #   everything and watch nothing, for file systems whose type does not say that others change them. nil: no scans
    # @param closed [Boolean] whether a change of type `:closed` reports that a file is complete (default false): it was
    #   written and closed, once, however long the writing took, or came to its path as it is. See {Change#closed?}
    # @param git_wait [Boolean, Numeric] whether a batch waits while git works on the work tree of a root (default
    #   false), 10 seconds at most, or so many: a checkout, rebase or pull is one batch then. {#sync} does not wait
    # @param on_error [#call, nil] gets each error as an exception that names the path: permission denied, limit
    #   reached, root deleted… Called where changes are taken. nil: a warning for the first error of each class.
    #   Uncovered directories are retried
    # @param on_progress [#call, nil] gets the number of directories found so far, at most ten times a second, while the
    #   trees are scanned
    # @raise [ArgumentError] no path, a NUL in a path, a negative debounce, a bad poll, a pattern that can never match
    # @raise [TypeError] not a path, number or callable
    # @raise [InstanceLimitReached, Errno::EMFILE, Errno::EAGAIN] no inotify instance, descriptor or thread is left
    # @raise [CheckpointError] `since:` is damaged, of another version, or of other roots, filters or options
    # @raise [SystemCallError] `since:` cannot be read
    def initialize(*paths, recursive: true, only: nil, ignore: nil, gitignore: false, follow_symlinks: false,
                   debounce: 0.05, poll: 1.0, since: nil, closed: false, git_wait: false,
                   on_error: nil, on_progress: nil)
      check_callables(on_progress: on_progress, on_error: on_error)
      paths = paths_of(paths)
      filter = Internal::Filter.new(paths, only, ignore)
      options = filter.options.merge(recursive: truth(recursive), gitignore: truth(gitignore),
                                     follow_symlinks: truth(follow_symlinks), debounce: seconds(debounce),
                                     since: since && file(since), closed: truth(closed),
                                     git_wait: git_seconds(git_wait), **Internal::Poll.options(poll))
      # Known before it is started, and anything can interrupt.
      @delivery = Internal::Delivery.new(filter, on_error)
      @thread = @delivery.thread
      begin_watching(paths, options, on_progress)
    end

    # Yields batches of changes until the watcher is closed. Waits when there are none. A batch that was yielded is not
    # delivered again, even if the block raises or is left by `break`.
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
    #   Returns all pending changes. Blocks until there is at least one.
    #
    #   @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    #   @return [Array<Change>] in an order in which they can be applied; empty if `timeout` passed
    #   @raise [IOError] closed, before the call or during the wait

    # Yields batches of changes in a new thread, until {#stop} or {#close}. If the block raises, the thread ends, and
    # {#stop} raises the exception; the batch is not delivered again.
    #
    # @yieldparam changes [Array<Change>]
    # @return [self]
    # @raise [ArgumentError] no block
    # @raise [ThreadError] started already
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

    # Stops the thread of {#start} after delivering everything that happened before the call. If the block raised, the
    # thread has ended, and this raises the exception, once. {#start} can be called again: it goes on with the next
    # batch, and does not deliver again the batch during which the block raised. In the block, it takes effect after the
    # block. May be called in a signal handler.
    #
    # @return [self]
    def stop
      runner = @runner
      runner&.stop
      self
    ensure
      @runner = nil unless @runner != runner || runner&.alive?
    end

    # Waits until everything that happened before the call is delivered, or is in the next batch. Touches no file.
    #
    # @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    # @return [Boolean] false when `timeout` passed
    # @raise [IOError] closed
    def sync(timeout: nil)
      @delivery.sync(Internal::Deadline.after(timeout))
    end

    # Returns all paths that the watcher knows, with the roots: the result of all changes, also of those that are not
    # delivered yet.
    #
    # @return [Array<String>] directories before their entries
    # @raise [IOError] closed
    def paths
      @delivery.paths
    end

    # Returns counters, as of a moment ago.
    #
    # @return [Hash{Symbol => Numeric}] `directories` and `files` it knows; `watches` of the kernel it has for them;
    #   `polled_directories`, and `polled_files` in them, `poll_seconds`, how long the last scan of these took, and
    #   `poll_interval`, seconds between two scans now, longer than `poll:` where a scan takes more than a twentieth of
    #   it; `events` read, `changes` delivered, and how many events were `merged` into fewer changes; `overflows` of the
    #   kernel's queue; `rescans` of everything; `queue_depth`, bytes of events that are read and not applied yet;
    #   `lag`, seconds from reading to applying of the events applied last
    # @raise [IOError] closed
    def stats
      @thread.stats
    end

    # Compares the watcher's model with the kernel's list of watches and with the disk, after everything that happened
    # before the call is applied. Scans every directory; for a tree that is quiet.
    #
    # @return [Array<String>] the differences, a sentence each; empty when all is well
    # @raise [IOError] closed
    # @raise [Errno::EMFILE] no descriptor is left to scan with
    def audit
      @delivery.differences
    end

    # Writes a file that says what the program was given so far: everything up to the last batch that was taken. A
    # watcher with `since:` goes on from there, in another process, after a crash or a restart. A crash between a batch
    # and its checkpoint means that batch again, never a gap.
    #
    #   watcher.each { |changes| process(changes) and watcher.checkpoint("inbox.state") }
    #
    # Returns when the file is on the disk. It replaces the one before at once, by way of a file whose name ends in
    # `.tmp`; changes of both are not reported. The first call stats every file, a later one those in directories in
    # which a file changed since.
    #
    # A file that changed within the same tick of the clock (some milliseconds; on some file systems 1 or 2 seconds) is
    # reported again, as is one in a directory that could not be watched.
    #
    # @param path [String, #to_path]
    # @return [nil]
    # @raise [SystemCallError] the file cannot be written; the one before is left as it was
    # @raise [CheckpointError] a file at the path is neither a checkpoint nor empty; it is not touched
    # @raise [IOError] closed
    def checkpoint(path)
      @delivery.checkpoint(file(path))
      nil
    end

    # Returns the IO for `IO.select` and event loops. It is readable when there are changes to {#take}, errors for
    # `on_error`, or directories that a Regexp or callable has to decide; `take(timeout: 0)` does all of it and never
    # waits. It must not be read.
    #
    # @return [IO]
    # @raise [IOError] closed
    def to_io
      @thread.done
      @thread.io
    end

    # Closes the watcher, ends its thread and drops undelivered changes. Wakes all waiters: {#each} returns, {#take}
    # raises `IOError`. May be called twice, from any thread, from the block and in a signal handler.
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
      Internal::Descriptors.with_room(PATIENCE) { @delivery.start(paths, options) }
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

    def file(path)
      path = Internal::SystemPath.of(path)
      path.empty? ? raise(ArgumentError, "the path of the checkpoint is empty") : path
    end

    def check_callables(listeners)
      name, listener = listeners.compact.find { |_, it| !it.respond_to?(:call) }
      raise TypeError, "#{name} must have a method call, not #{listener.inspect}" if name
    end

    def truth(object) = object ? true : false

    def git_seconds(git_wait)
      case git_wait
      in nil | false then nil
      in true then Internal::GitWork::LONGEST
      in Numeric if git_wait.real? && git_wait.positive? then [git_wait, LONGEST].min.to_f
      else raise ArgumentError, "git_wait must be true, false or seconds, more than 0, not #{git_wait.inspect}"
      end
    end

    def seconds(debounce)
      unless debounce.is_a?(Numeric) && debounce.real?
        raise TypeError, "debounce must be a number of seconds, not #{debounce.inspect}"
      end
      raise ArgumentError, "debounce must be 0 seconds or more, not #{debounce}" unless debounce >= 0

      [debounce, LONGEST].min.to_f
    end
  end
end
