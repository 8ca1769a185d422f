# frozen_string_literal: true

module Inotify
  module CLI
    # Which changes are reported: the options of watchers, and filters for what watchers cannot know.
    # @api private
    module Filters
      # Directories of version control, as patterns. They get no watch.
      DEFAULT_IGNORE = %w[.git/ .hg/ .svn/ .jj/ .bzr/ CVS/ _darcs/ .fossil-settings/ .pijul/].freeze
      # The names of swap, lock, backup and temporary files of vim, nano, Emacs, Kate, JetBrains, GLib and others.
      EDITOR_FILES = /\A(?:\..*\.sw[a-px]|4913|.*~|\.\#.*|\#.*\#|.*\.kate-swp|.*___jb_(?:tmp|old)___|
                      \.goutputstream-.*|\.~lock\..*\#|\.subl.*\.tmp|\.DS_Store)\z/nx
      private_constant :DEFAULT_IGNORE, :EDITOR_FILES

      module_function

      # @param record [Records::Changed]
      # @return [Boolean] whether it is only about files that editors write for themselves
      def editor_file?(record)
        [record.from, record.path].compact.all? { |path| File.basename(path).b.match?(EDITOR_FILES) }
      end

      # @param paths [Array<String>]
      # @param settings [Settings]
      # @param others [Hash] `on_error` and `on_progress`, and what the settings do not decide
      # @return [Watcher]
      # @raise [Failure] a pattern is wrong
      def watcher(paths, settings, **others)
        Watcher.new(*paths, **options(settings), **others)
      rescue ArgumentError => e
        raise Failure.usage(e.message)
      rescue CheckpointError => e
        raise Failure, "--since: #{e.message}"
      end

      # Without patterns, nil: an empty `only` includes nothing.
      def options(settings)
        ignore = settings.default_ignore? ? DEFAULT_IGNORE + settings[:ignore] : settings[:ignore]
        { recursive: settings[:recursive], gitignore: settings[:gitignore], debounce: settings[:debounce],
          follow_symlinks: settings[:follow_symlinks], since: settings[:since],
          poll: settings[:poll_always] ? [:always, settings[:poll]] : settings[:poll],
          closed: settings[:types]&.include?(Records::Types::CLOSED),
          only: (settings[:only] if settings[:only].any?), ignore: (ignore if ignore.any?) }
      end
      private_class_method :options

      # The files to which this process and COMMAND write their output. If they were reported, each line would be a
      # change that causes another line.
      class OwnFiles
        # @param notices [Notices]
        def initialize(notices)
          @notices = notices
          @noticed = []
          refresh
        end

        # When the output goes to another file.
        def refresh
          @ids = [$stdout, $stderr].map(&:stat).select(&:file?).map { |stat| id(stat) }.uniq
        end

        # @param records [Array] with paths
        # @return [Array] records about other files, and renames
        def without(records)
          return records if @ids.empty?

          records.reject { |record| record.type != :renamed && record.path && own?(record.path) }
        end

        private

        # By device and inode: a file may have several names.
        def own?(path)
          return false unless @ids.include?(id(File.stat(path)))

          @notices.say("#{path} is not reported: the output is written to it") unless @noticed.include?(path)
          @noticed |= [path]
          true
        rescue SystemCallError
          false
        end

        def id(stat) = [stat.dev, stat.ino]
      end
    end
  end
end
