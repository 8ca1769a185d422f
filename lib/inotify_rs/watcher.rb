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

    # Seconds between reports of progress.
    PROGRESS = 0.1
    private_constant :PROGRESS

    # @param paths [Array<String, #to_path>] directories and files. They need not exist yet; a symbolic link is followed,
    #   and followed again when it changes. Changes are told under the path as it is given. A path inside of another one
    #   adds nothing
    # @param recursive [Boolean] whether directories below the given ones are watched too
    # @param only [String, Regexp, #call, Array, nil] which files count: patterns as in a .gitignore file, relative to the
    #   watched path (`"*.rb"` anywhere, `"lib/**/*.rb"`), Regexps, or callables that get the path. Directories are then
    #   not told of, and a renamed one is told as its files. nil: everything
    # @param ignore [String, Regexp, #call, Array, nil] what does not count, nor what is in it: `"tmp/"`, `"*.log"`.
    #   An ignored directory gets no watch. Prefer patterns: a Regexp or callable is asked about each directory where
    #   changes are taken, and makes the rename of a directory a removal and a creation
    # @param gitignore [Boolean] whether what git ignores does not count: `.git`, and what the .gitignore files say, those
    #   in the tree and those above it in the same work tree. A change of one in the tree holds at once
    # @param follow_symlinks [Boolean] whether symbolic links to directories are followed. Each directory is entered once,
    #   by its own path if it has one in the tree; other links to it are told as files. Links to files are not followed
    # @param debounce [Numeric] for how many seconds it must be quiet before changes are handed over. On a busy tree they
    #   are after ten times that, half a second at least
    # @param on_error [#call, nil] gets each trouble as an exception that names the path: not permitted, limit reached…
    #   Called where changes are taken. nil: one warning of each kind. What is not covered is tried again by itself
    # @param on_progress [#call, nil] gets the number of directories found so far, ten times a second at most, while the
    #   trees are looked through before this method returns
    # @raise [ArgumentError] no path, a NUL in a path, a negative debounce
    # @raise [TypeError] what is no path, number or callable
    # @raise [InstanceLimitReached, Errno::EMFILE] no inotify instance or descriptor left
    def initialize(*paths, recursive: true, only: nil, ignore: nil, gitignore: false, follow_symlinks: false,
                   debounce: 0.05, on_error: nil, on_progress: nil)
      paths = paths.flatten.map { |path| SystemPath.of(path) }
      raise ArgumentError, "a path is needed: Inotify::Watcher.new(\"app\")" if paths.empty?
      raise ArgumentError, "a path is empty" if paths.any?(&:empty?)

      @on_error = Troubles.new(on_error)
      check_callable(:on_progress, on_progress)
      @waits = Waits.new
      @filter = Filter.new(paths, only, ignore)
      options = { recursive: recursive ? true : false, gitignore: gitignore ? true : false,
                  follow_symlinks: follow_symlinks ? true : false, debounce: seconds(debounce), **@filter.options }
      @thread = Descriptors.with_room { WatcherThread.start(paths, options) }
      @io = IO.for_fd(@thread.fd, autoclose: false).dup
      @runner = @farewells = @unfiltered = @batch = @questions = nil
      @closed = false
      wait_until_ready(on_progress)
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
        # One line: an interrupt between the two would take the batch with it.
        changes, @batch = @batch || @thread.take, nil # rubocop:disable Style/ParallelAssignment
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
      paths = ask(@thread.paths, Deadline::NEVER)
      @filter.filters? ? paths.select { |path| @filter.counts?(path, File.directory?(path)) } : paths
    end

    # How the watcher is doing, as of a moment ago.
    #
    # @return [Hash{Symbol => Numeric}] `directories` and `files` it knows; `watches` of the kernel it has for them;
    #   `events` read, `changes` handed over, and how many events were `merged` into fewer changes; `overflows` of the
    #   kernel's queue; `rescans`, how often everything was looked at again; `queue_depth`, bytes of events that are read
    #   and not applied yet; `lag`, seconds from reading to applying of the events applied last
    # @raise [IOError] closed
    def stats
      check_open
      @thread.stats
    end

    # Compares what the watcher believes with the kernel's list of watches and with the disk, when all that happened before
    # is applied. Looks at every directory; for a tree that is quiet.
    #
    # @return [Array<String>] the differences, a sentence each; empty when all is well
    # @raise [IOError] closed
    def audit
      check_open
      differences = ask(@thread.audit, Deadline::NEVER)
      # What was judged not to count is not known, as it is to be.
      differences.select { |_, directory| directory.nil? || @filter.counts?(directory, true) }.map(&:first)
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

    def check_callable(name, listener)
      raise TypeError, "#{name} must have a method call, not #{listener.inspect}" unless
        listener.nil? || listener.respond_to?(:call)
    end

    # An interrupt leaves no thread behind.
    def wait_until_ready(on_progress)
      io = IO.for_fd(@thread.ready_fd, autoclose: false)
      until @thread.ready? || @thread.ended?
        judge
        Sys.wait_readable(io, on_progress && PROGRESS)
        on_progress&.call(@thread.stats[:directories])
      end
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
        judge
        tell_troubles
        return true if changes? || farewell?
        return false if stopping? || deadline.passed?

        wait_readable(@io, deadline)
      end
      false
    end

    # Whether there is a batch, filtered where that is done here.
    def changes?
      return true if @batch
      return @thread.changes? unless @filter.filters?

      @unfiltered = @thread.take if @unfiltered.nil? && @thread.changes?
      return false unless @unfiltered

      filtered = @filter.apply(@unfiltered)
      # A filter that raises finds the batch again at the next call.
      @batch, @unfiltered = filtered.empty? ? nil : filtered, nil # rubocop:disable Style/ParallelAssignment
      !@batch.nil?
    end

    # Says of the directories that were found whether they count.
    def judge
      return unless @filter.judges?

      questions = (@questions ||= @thread.questions)
      judgements = questions.map { |number, path| [number, @filter.counts?(path, true)] }
      @questions = nil
      @thread.judge(judgements) unless judgements.empty?
    end

    def stopping? = @farewells && Thread.current == @runner

    # Whether there are changes left that happened before {#stop} was called.
    def farewell?
      return false unless stopping? && @farewells.positive?

      @farewells -= 1
      sync && changes?
    end

    # The waiting part of {#take}: a filtered batch, or the thread when it has one.
    def await(timeout)
      deadline = Deadline.after(timeout)
      check_open
      return @batch || @thread if wait(deadline)

      check_open
      nil
    end

    def ask(request, deadline)
      io = IO.for_fd(request.fd, autoclose: false)
      until (answer = request.answer)
        check_open
        raise IOError, "the thread of this #{self.class} has ended" if @thread.ended?
        return if deadline.passed?

        judge
        wait_readable(io, deadline)
      end
      answer
    ensure
      request.release
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
