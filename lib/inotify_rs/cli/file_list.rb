# frozen_string_literal: true

module Inotify
  module CLI
    # Many paths, such as find(1) prints. Each root of a watcher costs a watch and more. So the watcher gets one root,
    # the directory that contains all paths, and ignores entries that do not lead to one of them.
    # @api private
    class FileList
      # Up to so many paths are roots.
      FEW = 20
      private_constant :FEW

      # @param paths [Array<String>]
      # @param plain [Boolean] whether all paths are roots, however many they are
      def initialize(paths, plain:)
        @links, paths = plain || paths.size <= FEW ? [paths, []] : paths.partition { |path| link?(path) }
        @whole = paths.to_h { |path| [key(path), File.directory?(path)] }
        @way = {}
        @whole.each_key { |path| add_way(File.dirname(path)) }
        @relative = paths.none? { |path| path.start_with?("/") }
      end

      # @return [Array<String>] the roots of the watcher
      def roots = @whole.empty? ? @links : @links + [root]

      # @return [Hash] options of a watcher that ignore all other entries
      def options
        return {} if @whole.empty?

        links = @links.to_h { |path| [key(path), true] }
        { only: [->(path) { wanted?(key(path), links) }],
          ignore: [->(path) { key(path).then { |it| !@way.key?(it) && !wanted?(it, links) } }] }
      end

      private

      def key(path) = File.expand_path(path).b

      # Entries behind a symbolic link have another path in the tree.
      def link?(path)
        @real ||= Hash.new { |found, dir| found[dir] = File.realdirpath(dir).b == key(dir) }
        File.symlink?(path) || !@real[File.dirname(path)]
      rescue SystemCallError
        false
      end

      def add_way(dir)
        until @way.key?(dir)
          @way[dir] = true
          dir = File.dirname(dir)
        end
      end

      # Whether a path is in the list, or in a directory that is.
      def wanted?(path, links)
        return true if @whole.key?(path) || links.key?(path)

        above = File.dirname(path)
        until @way.key?(above) || above == path
          return true if @whole[above] || links.key?(above)

          path = above
          above = File.dirname(path)
        end
        @whole[above] || false
      end

      # The directory that contains all paths, as a relative path if all are relative.
      def root
        root = common(@whole.map { |path, directory| directory ? path : File.dirname(path) })
        here = Dir.pwd.b
        return root unless @relative
        return "." if root == here

        root.start_with?("#{here}/") ? root.delete_prefix("#{here}/") : root
      end

      def common(dirs)
        first, last = dirs.map { |dir| dir.split("/").drop(1) }.minmax
        "/#{first.zip(last).take_while { |one, other| one == other }.map(&:first).join("/")}"
      end
    end
  end
end
