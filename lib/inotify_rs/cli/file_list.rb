# frozen_string_literal: true

module Inotify
  module CLI
    # Many paths, as find(1) prints them. A watcher has a watch and more for each path it is given: here it gets the
    # directory that all of them are in, and leaves out what is not on the way to one.
    # @api private
    class FileList
      # So few are given as they are.
      FEW = 20
      private_constant :FEW

      # @param paths [Array<String>]
      # @param plain [Boolean] whether the watcher gets them as they are, however many they are
      def initialize(paths, plain:)
        @links, paths = plain || paths.size <= FEW ? [paths, []] : paths.partition { |path| link?(path) }
        @whole = paths.to_h { |path| [key(path), File.directory?(path)] }
        @way = {}
        @whole.each_key { |path| add_way(File.dirname(path)) }
        @relative = paths.none? { |path| path.start_with?("/") }
      end

      # @return [Array<String>] what a watcher is given
      def roots = @whole.empty? ? @links : @links + [root]

      # @return [Hash] options of a watcher that leave out what is not in the list
      def options
        return {} if @whole.empty?

        links = @links.to_h { |path| [key(path), true] }
        { only: [->(path) { wanted?(key(path), links) }],
          ignore: [->(path) { key(path).then { |it| !@way.key?(it) && !wanted?(it, links) } }] }
      end

      private

      def key(path) = File.expand_path(path).b

      # What is behind a symbolic link has another path in the tree.
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

      # What is in the list, or in a directory that is.
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

      # The directory that all are in, as a relative path where all are relative.
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
