# frozen_string_literal: true

require "inotify_rs"

module Inotify
  module CLI
    # The changes of trees, as records. {KernelEvents} has the same methods.
    # @api private
    class TreeChanges
      # Seconds until changes that have happened are in a batch.
      PATIENCE = 1
      private_constant :PATIENCE

      # @return [Filters::OwnFiles]
      attr_reader :own_files

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @settings = settings
        @types = Records::Types.new(settings[:types])
        @own_files = Filters::OwnFiles.new(notices)
        @notices = notices
      end

      # Begins to watch. Blocks until the trees are scanned.
      #
      # @raise [Failure] a path can never be watched, a pattern is wrong, or the FILE of `--since` cannot be used
      def open
        check_directory(@settings[:since])
        @contents = Contents.new if @settings[:if_content_changed]
        @watcher = watcher
        @first = records(@watcher.take(timeout: 0)) if @settings[:since]
        @contents&.learn(@watcher.paths)
      end

      # @return [Array<Records::Changed, Records::Wide>] what changed since the checkpoint of `--since`
      def first = @first || []

      # Writes the checkpoint of `--since`, if changes were taken since the last one.
      def checkpoint
        return unless @settings[:since] && @taken

        @watcher.checkpoint(@settings[:since])
        @taken = false
      end

      # @return [String] what is watched
      def summary
        stats = @watcher.stats
        directories = Text.count(stats[:directories], "directory", "directories")
        "watching #{directories} with #{Text.count(stats[:files], "file")}"
      end

      # @return [Array<Records::Existing>] the existing paths
      def initial
        time = Time.now
        @watcher.paths.map { |path| Records::Existing.new(path, directory?(path), time) }
      end

      # @return [IO] readable when {#take} returns something
      def io = @watcher.to_io

      # @return [Array<Records::Changed, Records::Wide>] all pending changes; does not block, except after {#merge_next}
      def take
        records = records(@watcher.take(timeout: 0))
        records = @contents.changed(records) if @contents
        return records unless @merges && records.any?

        @merges = false
        records + rest
      end

      # A run has ended: if a batch has waited for that, it is taken with all that has happened until then.
      def merge_next
        # Part of Ruby from 3.2 on.
        require "io/wait"
        @merges = !io.wait_readable(0).nil?
      end

      # @return [Array<Records::Changed, Records::Wide>] all changes that happened before the call
      def rest
        take + (@watcher.sync(timeout: PATIENCE) ? take : [])
      end

      # @return [nil] it never ends: a removed path may be created again
      def ended = nil

      def close = @watcher&.close

      private

      def records(changes)
        @taken = true if changes.any?
        time = Time.now
        paths = nil
        records = changes.flat_map do |change|
          @types.records(change, time) { |dir| files_below(dir, paths ||= @watcher.paths) }
        end
        @own_files.without(without_editor_files(records))
      end

      def watcher
        @settings.paths.each { |path| check(path) }
        Filters.watcher(@settings.paths, @settings,
                        on_error: ->(error) { @notices.error(error.message) },
                        on_progress: ->(directories) { @notices.progress(directories) })
      end

      # The checkpoint is written when COMMAND has succeeded: that would be late for this error.
      def check_directory(since)
        dir = File.dirname(since || ".")
        raise Failure, "--since: there is no directory #{dir}" unless File.directory?(dir)
      end

      def check(path)
        return if File.exist?(path) || File.symlink?(path)

        hint = "; to run it, write `-- #{path}`" if program?(path)
        @notices.error("#{path} does not exist yet; it is watched when it appears#{hint}")
      end

      # Whether a shell finds a program of this name.
      def program?(name)
        return false if name.include?("/")

        ENV.fetch("PATH", "").split(":").any? do |dir|
          file = File.join(dir, name)
          File.file?(file) && File.executable?(file)
        end
      end

      def without_editor_files(records)
        return records unless @settings.default_ignore?

        ignored, others = records.partition { |record| Filters.editor_file?(record) }
        ignored.each { |record| @notices.detail("ignored: #{record.type} #{record.path}; see --no-default-ignore") }
        others
      end

      # The files below a renamed directory, by their new paths.
      def files_below(dir, paths)
        paths.select { |path| path.start_with?("#{dir}/") && !directory?(path) }
      end

      # As in changes: a symbolic link is a directory where it is followed.
      def directory?(path)
        followed = @settings[:follow_symlinks] || @settings.paths.include?(path)
        File.directory?(path) && (followed || !File.symlink?(path))
      end
    end
  end
end
