# frozen_string_literal: true

module Inotify
  module CLI
    # Makes watchers as the settings ask for.
    # @api private
    class Filters
      # @param settings [Settings]
      # @param notices [Notices, nil] for {all}
      def initialize(settings, notices = nil)
        @settings = settings
        @notices = notices
      end

      # @return [Watcher] of all paths
      # @raise [Failure] a path that can never be watched, or a pattern that is none
      def all
        list = FileList.new(@settings.paths, plain: !@settings[:recursive] || @settings[:only].any?)
        list.roots.each { |path| check(path) }
        watcher(*list.roots, list.options, on_error: ->(error) { @notices.error(error.message) },
                                           on_progress: ->(directories) { @notices.progress(directories) })
      end

      # @param further [Hash] options
      # @return [Watcher] of these
      # @raise [Failure] a pattern that is none
      def watcher(*paths, further, **listeners)
        Watcher.new(*paths, **options.merge(further) { |_, own, other| [*own, *other] }, **listeners)
      rescue ArgumentError => e
        raise Failure.usage(e.message)
      end

      private

      # nil where there are none: an empty list of what counts is no wish for nothing.
      def options
        { recursive: @settings[:recursive], gitignore: @settings[:gitignore], debounce: @settings[:debounce],
          follow_symlinks: @settings[:follow_symlinks], only: some(:only), ignore: ignored }
      end

      def ignored
        @settings.default_ignore? ? OwnNoise::DIRECTORIES + @settings[:ignore] : some(:ignore)
      end

      def some(key)
        patterns = @settings[key]
        patterns unless patterns.empty?
      end

      def check(path)
        return if File.exist?(path) || File.symlink?(path)

        hint = "; to run it, write `-- #{path}`" if program?(path)
        @notices.error("#{path} is not there yet; it is watched when it appears#{hint}")
      end

      # Whether a shell would find a program of this name.
      def program?(name)
        return false if name.include?("/")

        ENV.fetch("PATH", "").split(":").any? do |dir|
          file = File.join(dir, name)
          File.file?(file) && File.executable?(file)
        end
      end
    end
  end
end
