# frozen_string_literal: true

module Inotify
  module Rails
    # What a {FileUpdateChecker} is given: absolute paths as bytes, without what is in `Gem.path`.
    # @api private
    class GivenPaths
      # Which files count in a directory that a {FileUpdateChecker} is given.
      # @api private
      class Extensions
        # @param extensions [Array<String, Symbol>, String, Symbol, nil] with or without the dot; none: all files
        # @raise [TypeError] anything else
        # @raise [ArgumentError] an empty one
        def initialize(extensions)
          @endings = list(extensions).map { |extension| ending(extension) }.uniq
        end

        # @return [Array<String>] how the names of the files end, as bytes; empty: all files count
        attr_reader :endings

        # Those of both.
        def |(other)
          all = [endings, other.endings]
          Extensions.new(all.any?(&:empty?) ? [] : all.flatten)
        end

        private

        def list(extensions)
          case extensions
          when nil then []
          when String, Symbol then [extensions]
          else extensions.respond_to?(:to_a) ? extensions.to_a : refuse(extensions)
          end
        end

        def ending(extension)
          refuse(extension) unless extension.is_a?(String) || extension.is_a?(Symbol)
          name = extension.to_s.delete_prefix(".")
          raise ArgumentError, "an extension is empty; to include all files, give none" if name.empty?

          ".#{name}".b
        end

        def refuse(extension)
          raise TypeError, "extensions are Strings or Symbols such as \"rb\" or :yml, not #{extension.inspect}"
        end
      end

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
