# frozen_string_literal: true

module Inotify
  # What a symbolic link leads to that is in a directory of a {FileUpdateChecker}. It may be a directory now and a file
  # later, so that both are looked for; a file counts if the name of the link does.
  # @api private
  class WatchedLink
    # @param subject [Subject]
    # @param path [String] absolute, as bytes
    # @param extensions [Extensions]
    # @param gems [GemPaths]
    # @param owners [Owners] of the tree that the link is in
    def initialize(subject, path, extensions, gems, owners)
      @watched = [WatchedTree.new(subject, path, extensions, gems, owners)]
      @watched << WatchedFile.new(subject, path, directory: false) if extensions.count?(File.basename(path))
    end

    # Looks at what is there.
    #
    # @param posts [Posts]
    # @param since [Internal::Moment, nil] what has a ctime from here on has changed
    def look(posts, since = nil) = @watched.each { |watched| watched.look(posts, since) }

    # Something else may be mounted at these paths.
    def remounted(paths, posts) = @watched.each { |watched| watched.remounted(paths, posts) }

    # Whether something may have changed when something else is mounted at these paths.
    def concerned?(paths) = @watched.any? { |watched| watched.concerned?(paths) }

    def release(posts) = @watched.each { |watched| watched.release(posts) }
  end
  private_constant :WatchedLink
end
