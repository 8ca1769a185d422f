# frozen_string_literal: true

module Inotify
  # Where installed gems are: nobody edits what is there.
  # @api private
  class GemPaths
    def initialize
      paths = Gem.path.flat_map { |path| [File.expand_path(path), real(path)] }
      @paths = paths.compact.map(&:b).uniq
    end

    # Whether a directory is one of them.
    def include?(path) = @paths.include?(path)

    # Whether a path is below one of them.
    def contain?(path) = @paths.any? { |dir| path.start_with?("#{dir}/") }

    private

    def real(path)
      File.realpath(path)
    rescue SystemCallError
      nil
    end
  end
  private_constant :GemPaths
end
