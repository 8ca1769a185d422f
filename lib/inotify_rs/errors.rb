# frozen_string_literal: true

module Inotify
  # Raised when this user may have no further inotify instance (`fs.inotify.max_user_instances`).
  # The message tells the limit and how to raise it. See inotify(7), "/proc interfaces".
  class InstanceLimitReached < Errno::EMFILE
  end

  # Raised when this user may have no further watch (`fs.inotify.max_user_watches`).
  # The message tells the limit and how to raise it. See inotify(7), "/proc interfaces".
  class WatchLimitReached < Errno::ENOSPC
  end

  # Told, never raised: given to a {Watcher}'s `on_error` for a network or FUSE file system in a tree. What is changed
  # there by another machine or by the process that serves it is not told by inotify(7).
  class RemoteFileSystem < StandardError
  end

  # Told, never raised: given to a {Watcher}'s `on_error` where the list of mounts, `/proc/self/mountinfo`, cannot be
  # read. Until it can be, the watcher does not notice what is mounted or unmounted. Everything else goes on.
  class MountsUnseen < StandardError
  end

  # Given to a {Watcher}'s `on_error` when a Regexp or callable in `only:` or `ignore:` raises. Its path is included.
  # Raised where such a callable calls `paths` or `audit` of its own watcher, which would wait for it.
  class FilterError < StandardError
    # @return [String, nil] the path that could not be decided
    attr_reader :path

    # @param message [String]
    # @param path [String, nil]
    def initialize(message = nil, path = nil)
      super(message)
      @path = path
    end
  end
end
