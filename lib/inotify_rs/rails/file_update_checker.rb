# frozen_string_literal: true

module Inotify
  # Tells Rails when code, views, routes and locales changed: the contract of ActiveSupport::FileUpdateChecker.
  #
  #   require "inotify_rs/rails"
  #   config.file_watcher = Inotify::FileUpdateChecker
  #
  # All checkers of a process share one inotify instance, and there is no thread: the kernel keeps the events until
  # {#updated?} asks for them. So it knows of everything that happened before it was called, and touches no file while
  # nothing happens. A forked child opens an instance of its own when it first asks, and finds what changed since its
  # parent last asked. A checker that is collected leaves no watch behind.
  #
  # A file counts when it comes, goes, is renamed, written or touched, whatever its times say; one that is opened for
  # writing and closed without a write does not. Directories by themselves don't count, except for a given one that was
  # missing and appears; nor does what is hidden (its name, or that of a directory below the given one, begins with a
  # dot) or is in `Gem.path`. Symbolic links are followed, and what is given need not exist yet.
  #
  # Directories that cannot be watched are reported by a warning, and retried once a second when somebody asks.
  class FileUpdateChecker
    # @param files [Array<String, #to_path>] single files; a directory among them changes when an entry comes or goes
    # @param dirs [Hash{String, #to_path => Array<String, Symbol>, String, Symbol, nil}] directories, with all below
    #   them, and the extensions of the files that count there: `{"app" => ["rb"], "config/locales" => [:rb, :yml]}`;
    #   none: all files. An Array of directories does as well. What counts in a directory counts in those below it
    # @yield at each {#execute}
    # @raise [ArgumentError] no block; a NUL in a path; an empty extension
    # @raise [TypeError] `dirs` is neither Hash nor Array, or something is no path or extension
    def initialize(files, dirs = {}, &block)
      raise ArgumentError, "a block is needed: #{self.class}.new(files, dirs) { reload }" unless block

      @block = block
      given = Rails::GivenPaths.new(files, dirs)
      @inspection = given.inspect
      @paths = Internal::CheckedPaths.new(given.files, given.dirs)
      # Known before anything can interrupt.
      ObjectSpace.define_finalizer(self, self.class.send(:farewell, @paths))
      note(@paths.add)
    end

    # Whether something changed since the block was called last. Never waits for anything to happen. May be called in a
    # signal handler.
    #
    # @return [Boolean] true until {#execute}
    def updated?
      return true if @paths.changed?

      note(Internal::CheckedPaths.refresh)
      @paths.changed?
    end

    # Calls the block. What changes from now on is a change; when the block raises, all there was still is.
    #
    # @return [Object] what the block returns
    def execute
      note(@paths.settle)
      answer = @block.call
      executed = true
      answer
    ensure
      @paths.change unless executed
    end

    # Calls the block if something changed.
    #
    # @yield before that
    # @return [Boolean] whether something changed
    def execute_if_updated
      return false unless updated?

      yield if block_given?
      execute
      true
    end

    # @return [String] `#<Inotify::FileUpdateChecker 3 files, 2 directories>`
    def inspect = "#<#{self.class} #{@inspection}>"
    alias to_s inspect

    class << self
      private

      # What a finalizer calls. It must not hold the checker.
      def farewell(paths) = proc { Thread.handle_interrupt(Object => :never) { paths.release } }
    end

    private

    def note(denied)
      Rails::Warnings.give(denied) if denied
    end

    def initialize_copy(_other)
      raise TypeError, "an #{self.class} cannot be copied; make another"
    end
  end
end
