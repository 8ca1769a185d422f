# frozen_string_literal: true

module Inotify
  # Reports to Rails whether code, views, routes or locales have changed. It has the interface of
  # ActiveSupport::FileUpdateChecker.
  #
  #   require "inotify_rs/rails"
  #   config.file_watcher = Inotify::FileUpdateChecker
  #
  # All checkers of a process share one inotify instance, and there is no thread: the kernel keeps the events until
  # {#updated?} reads them. So it knows everything that happened before the call, and touches no file while nothing
  # happens. A forked child opens an instance of its own when it first asks, and finds what changed since its
  # parent last asked. A checker that is collected leaves no watch behind.
  #
  # A file has changed when it is created, deleted, renamed, written or touched, whatever its times are; not when it is
  # opened for writing and closed without a write. Directories themselves are not included, except for a given one that
  # did not exist and appears. Hidden files (whose name, or that of a directory below the given one, begins with a dot)
  # and everything in `Gem.path` are ignored. Symbolic links are followed. Given paths need not exist yet.
  #
  # Directories that cannot be watched are reported by a warning, and retried once a second by {#updated?}.
  class FileUpdateChecker
    # @param files [Array<String, #to_path>] single files; a directory among them has changed when an entry is created
    #   or deleted
    # @param dirs [Hash{String, #to_path => Array<String, Symbol>, String, Symbol, nil}] directories with their trees,
    #   and the extensions of the included files: `{"app" => ["rb"], "config/locales" => [:rb, :yml]}`; no extension:
    #   all files. An Array of directories is accepted too. The extensions of a directory also apply below it
    # @yield at each {#execute}
    # @raise [ArgumentError] no block; a NUL in a path; an empty extension
    # @raise [TypeError] `dirs` is neither Hash nor Array, or something is no path or extension
    def initialize(files, dirs = {}, &block)
      raise ArgumentError, "a block is needed: #{self.class}.new(files, dirs) { reload }" unless block

      @block = block
      given = Rails::GivenPaths.new(files, dirs)
      @inspection = given.inspect
      @paths = Internal::CheckedPaths.new(given.files, given.dirs)
      # Known before anything can interrupt. Its `call` is native: nothing interrupts that either.
      ObjectSpace.define_finalizer(self, @paths)
      note(@paths.add)
    end

    # Whether something has changed since the block was last called. Never waits for events. May be called in a signal
    # handler.
    #
    # @return [Boolean] true until {#execute}
    def updated?
      return true if @paths.changed?

      note(Internal::CheckedPaths.refresh)
      @paths.changed?
    end

    # Calls the block. Later changes count as new. If the block raises, the changes before it remain.
    #
    # @return [Object] what the block returns
    def execute
      note(@paths.mark_read)
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

    private

    def note(denied)
      Rails::Warnings.give(denied) if denied
    end

    def initialize_copy(_other)
      raise TypeError, "an #{self.class} cannot be copied; make another"
    end
  end
end
