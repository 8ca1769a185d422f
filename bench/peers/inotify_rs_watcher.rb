# frozen_string_literal: true

require "inotify_rs"

module Peers
  # `Inotify::Watcher#each`, which delivers each change at once.
  class WatcherEach
    # @param path [String] of a directory; if there is one beside it whose name ends with `.storm`, that is watched, too
    def initialize(path, _mask)
      @files = "#{path}/"
      @watcher = Inotify::Watcher.new(*[path, "#{path}.storm"].select { |dir| File.directory?(dir) }, debounce: 0)
    end

    # Yields for each file in `path` that was modified.
    def forever
      @watcher.each do |changes|
        changes.each { |change| yield if change.modified? && change.path.start_with?(@files) }
      end
    end
  end
end
