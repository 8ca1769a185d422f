# frozen_string_literal: true

module Inotify
  module CLI
    # The changes of trees, to be printed.
    # @api private
    class Changes
      TYPES = %i[created modified deleted renamed attributes].freeze
      # What happened before is to be had within so many seconds.
      PATIENCE = 1
      private_constant :PATIENCE

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @settings = settings
        @filters = Filters.new(settings, notices)
        @types = settings[:types] || TYPES
        unknown = @types - TYPES
        raise Failure.usage("there is no type #{unknown.first}; the types are #{TYPES.join(", ")}") if unknown.any?
      end

      # Begins to watch; looks through the trees.
      def open
        @watcher = @filters.all
      end

      # @return [String] what is watched
      def summary
        stats = @watcher.stats
        "watching #{count(stats[:directories], "directory", "directories")} with #{count(stats[:files], "file")}"
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
        @watcher.take(timeout: 0).filter_map { |it| Records::Change.new(it, time) if @types.include?(it.type) }
      end

      # @return [Array<Records::Change>] all that has happened
      def rest
        take + (@watcher.sync(timeout: PATIENCE) ? take : [])
      end

      # @return [nil] it never ends: what is removed may come again
      def ended = nil

      def close = @watcher&.close

      private

      # As changes tell it: a symbolic link is a directory where it is followed.
      def directory?(path)
        followed = @settings[:follow_symlinks] || @settings.paths.include?(path)
        File.directory?(path) && (followed || !File.symlink?(path))
      end

      def count(number, one, many = "#{one}s") = "#{number} #{number == 1 ? one : many}"
    end
  end
end
