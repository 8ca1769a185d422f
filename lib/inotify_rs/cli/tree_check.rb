# frozen_string_literal: true

module Inotify
  module CLI
    # What a given path is on, how many watches it needs, and what inotify does not tell there.
    # @api private
    class TreeCheck
      # Made by the kernel, which tells nobody.
      PSEUDO = %w[proc sysfs cgroup cgroup2 debugfs tracefs securityfs configfs devpts efivarfs bpf].freeze
      FILTERS = %i[only ignore gitignore recursive follow_symlinks].freeze
      private_constant :PSEUDO, :FILTERS

      # @return [Array<String>]
      attr_reader :lines, :problems

      # @param path [String]
      # @param settings [Settings] with the filters
      # @param limits [LimitsCheck]
      def initialize(path, settings, limits)
        @path = path
        @settings = settings
        @limits = limits
        @lines = [path]
        @problems = []
        File.exist?(path) ? check : @problems << "no such file or directory"
      end

      private

      def check
        mount = Mount.of(@path)
        return pseudo(mount) if mount && PSEUDO.include?(mount.type)

        remote
        seen = @problems.empty? ? "inotify sees all changes" : "inotify does not see the changes of others"
        @lines << "  #{"on #{mount.type}, mounted at #{mount.place}: " if mount}#{seen}"
        count
      end

      # Its directories are not counted: they have no end.
      def pseudo(mount)
        @lines << "  on #{mount.type}, mounted at #{mount.place}"
        @problems << "inotify tells nothing of what the kernel changes on #{mount.type}"
      end

      # The watcher knows what file systems others change unseen.
      def remote
        told = ->(error) { @problems << error.message if error.is_a?(RemoteFileSystem) }
        Watcher.new(@path, recursive: false, on_error: told).close
      rescue InstanceLimitReached
        # Told with the limits.
      end

      def count
        needed = needed_without_filters
        left = @limits.watches_left
        @lines << "  #{needed} watches needed#{" without the filters" if filtered?}, #{left} left"
        return try if filtered? || needed <= left

        @problems << "#{needed - left} watches too few: #{@limits.command(:watches, needed)}"
      end

      # The path's own directories, and those that lead there: each is watched for its name.
      def needed_without_filters
        above = File.realpath(@path).split("/").size - 1
        [above, 1].max + (File.directory?(@path) ? directories : 1)
      end

      def directories
        count = 0
        open = [@path]
        while (dir = open.pop)
          count += 1
          open.concat(subdirectories(dir))
        end
        count
      end

      # None where they are not to be read; the watcher tells why.
      def subdirectories(dir)
        Dir.children(dir).map { |name| File.join(dir, name) }.select { |path| directory?(path) }
      rescue SystemCallError
        []
      end

      def directory?(path)
        File.lstat(path).directory?
      rescue SystemCallError
        false
      end

      def filtered? = FILTERS.any? { |key| @settings.given?(key) }

      # Watches for a moment, as is done later.
      def try
        before = own_watches
        told = ->(error) { @problems << error.message unless error.is_a?(RemoteFileSystem) }
        watcher = Filters.new(@settings).watcher(@path, {}, on_error: told)
        @lines << "  #{own_watches - before} watches needed with the filters" if filtered?
      rescue InstanceLimitReached
        # Told with the limits.
      ensure
        watcher&.close
      end

      def own_watches
        Dir["/proc/self/fdinfo/*"].sum { |file| Holders.watches(file) }
      end
    end
  end
end
