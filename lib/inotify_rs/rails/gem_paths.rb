# frozen_string_literal: true

module Inotify
  module Rails
    # Where installed gems are: nobody edits what is there.
    # @api private
    class GemPaths
      def initialize
        # `ruby --disable-gems` has none.
        paths = (defined?(Gem) ? Gem.path : []).flat_map { |path| [File.expand_path(path), real(path)] }
        @paths = paths.compact.map(&:b).uniq
      end

      # Whether a directory is one of them.
      def include?(path) = @paths.include?(path)

      # Whether a path is below one of them.
      def contain?(path) = @paths.any? { |dir| path.start_with?("#{dir}/") }

      # @return [Array<String>] those that are in a directory, relative to it
      def in(dir)
        tops = [dir, real(dir)].compact.uniq.map { |top| top.end_with?("/") ? top : "#{top}/" }
        tops.flat_map { |top| @paths.filter_map { |path| path.delete_prefix(top) if path.start_with?(top) } }.uniq
      end

      private

      def real(path)
        File.realpath(path).b
      rescue SystemCallError
        nil
      end
    end
  end
end
