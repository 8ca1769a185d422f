# frozen_string_literal: true

module Inotify
  module Rails
    # What a {FileUpdateChecker} is given: absolute paths as bytes, without what is in `Gem.path`.
    # @api private
    class GivenPaths
      # @return [Array<String>]
      attr_reader :files

      # @param files [Array<String, #to_path>]
      # @param dirs [Hash, Array] see {FileUpdateChecker#initialize}
      def initialize(files, dirs)
        @gems = GemPaths.new
        @files = paths(files).reject { |path| @gems.contain?(path) }
        @dirs = extensions_by_path(dirs).reject { |path, _| @gems.include?(path) || @gems.contain?(path) }
      end

      # @return [Array<Array(String, Array<String>, Array<String>)>] the path of each, how the names of the files that
      #   count in it end, and what is ignored in it
      def dirs = @dirs.map { |path, extensions| [path, extensions.endings, @gems.in(path)] }

      # @return [String]
      def inspect = "#{@files.size} files, #{@dirs.size} directories"

      private

      def paths(files)
        raise TypeError, "files must be an Array of paths, not #{files.inspect}" unless
          files.respond_to?(:to_a) && !files.is_a?(Hash)

        files.to_a.map { |path| absolute(path) }.uniq
      end

      def extensions_by_path(dirs)
        unless dirs.is_a?(Hash) || dirs.is_a?(Array)
          raise TypeError, "dirs must be a Hash such as {\"app\" => [\"rb\"]}, or an Array of directories, " \
                           "not #{dirs.inspect}"
        end

        dirs.each_with_object({}) do |(dir, extensions), known|
          path = absolute(dir)
          extensions = Extensions.new(extensions)
          known[path] = known[path] ? known[path] | extensions : extensions
        end
      end

      # "~" is a name like any other, and ".." leads up from where a symbolic link leads.
      def absolute(path)
        path = Internal::SystemPath.of(path)
        raise ArgumentError, "a path is empty" if path.empty?

        path = path.b
        path = "#{Dir.pwd.b}/#{path}" unless path.start_with?("/")
        "/#{path.split("/").reject { |name| name.empty? || name == "." }.join("/")}"
      end
    end
  end
end
