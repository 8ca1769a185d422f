# frozen_string_literal: true

module Inotify
  module CLI
    # The changes of trees, to be printed.
    # @api private
    class Changes
      # What happened before is to be had within so many seconds.
      PATIENCE = 1
      private_constant :PATIENCE

      # @return [OwnFiles]
      attr_reader :own_files

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @settings = settings
        @filters = Filters.new(settings, notices)
        @types = Types.new(settings[:types])
        @own_files = OwnFiles.new(notices)
        @notices = notices
      end

      # Begins to watch; looks through the trees.
      def open
        @contents = Contents.new if @settings[:if_content_changed]
        @watcher = @filters.all
        @contents&.learn(@watcher.paths)
      end

      # @return [String] what is watched
      def summary
        stats = @watcher.stats
        directories = Text.count(stats[:directories], "directory", "directories")
        "watching #{directories} with #{Text.count(stats[:files], "file")}"
      end

      # @return [Array<Records::Existing>] what is there
      def initial
        time = Time.now
        @watcher.paths.map { |path| Records::Existing.new(path, directory?(path), time) }
      end

      # @return [IO] readable when there is something to {#take}
      def io = @watcher.to_io

      # @return [Array<Records::Change>] what there is; never waits
      def take
        time = Time.now
        changes = @watcher.take(timeout: 0)
        paths = nil
        records = changes.flat_map do |change|
          @types.records(change, time) { |dir| files_below(dir, paths ||= @watcher.paths) }
        end
        records = @own_files.without(without_noise(records))
        @contents ? @contents.changed(records) : records
      end

      # @return [Array<Records::Change>] all that has happened
      def rest
        take + (@watcher.sync(timeout: PATIENCE) ? take : [])
      end

      # @return [nil] it never ends: what is removed may come again
      def ended = nil

      def close = @watcher&.close

      private

      def without_noise(records)
        return records unless @settings.default_ignore?

        noise, others = records.partition { |record| OwnNoise.noise?(record) }
        noise.each { |record| @notices.detail("ignored: #{record.type} #{record.path}; see --no-default-ignore") }
        others
      end

      # What is below a directory that was renamed, by the paths it has now.
      def files_below(dir, paths)
        paths.select { |path| path.start_with?("#{dir}/") && !directory?(path) }
      end

      # As changes tell it: a symbolic link is a directory where it is followed.
      def directory?(path)
        followed = @settings[:follow_symlinks] || @settings.paths.include?(path)
        File.directory?(path) && (followed || !File.symlink?(path))
      end
    end
  end
end
