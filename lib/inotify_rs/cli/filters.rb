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

      # Remembers the contents of files, so that a save that leaves the bytes as they were is no change.
      class Contents
        # So many files are remembered, those that changed last.
        MOST_FILES = 20_000
        # Larger files are not read: all their changes are reported.
        MOST_BYTES = 2**24
        private_constant :MOST_FILES, :MOST_BYTES

        def initialize
          require "digest"
          require_relative "../internal/moment"
          @begun = Internal::Moment.now
          @digests = {}
        end

        # Reads the files that exist when watching begins, except for those that have changed since: their changes
        # follow.
        #
        # @param paths [Array<String>]
        def learn(paths)
          paths.first(MOST_FILES).each do |path|
            stat = File.lstat(path)
            remember(path, digest(path, stat)) unless @begun.before?(stat.ctime.to_i, stat.ctime.nsec)
          rescue SystemCallError
            # It does not exist any more.
          end
        end

        # @param records [Array<Records::Changed>]
        # @return [Array<Records::Changed>] except for files with the same content
        def changed(records)
          records.reject { |record| same?(record) }
        end

        private

        def same?(record)
          path = record.path
          before = @digests.delete(record.from || path)
          after = digest(path, File.lstat(path))
          remember(path, after)
          !after.nil? && after == before && !%i[renamed deleted].include?(record.type)
        rescue SystemCallError
          false
        end

        def digest(path, stat)
          Digest::SHA256.file(path).digest if stat.file? && stat.size <= MOST_BYTES
        end

        def remember(path, digest)
          return unless digest

          @digests[path] = digest
          @digests.shift if @digests.size > MOST_FILES
        end
      end
    end
  end
end
