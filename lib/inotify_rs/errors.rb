# frozen_string_literal: true

module Inotify
  # Raised when this user may have no further inotify instance (`fs.inotify.max_user_instances`).
  # The message names the limit and says how to raise it. See inotify(7), "/proc interfaces".
  class InstanceLimitReached < Errno::EMFILE
  end

  # Raised when this user may have no further watch (`fs.inotify.max_user_watches`).
  # The message names the limit and says how to raise it. See inotify(7), "/proc interfaces".
  class WatchLimitReached < Errno::ENOSPC
  end

  # Delivered to a {Watcher}'s `on_error`, never raised: a tree contains a network or FUSE file system. inotify(7) does
  # not report changes made by another machine or by the process that serves it. It is scanned at intervals instead,
  # unless the watcher's `poll` is nil.
  class RemoteFileSystem < StandardError
  end

  # Delivered to a {Watcher}'s `on_error`, never raised: the list of mounts, `/proc/self/mountinfo`, cannot be read.
  # Until it can be, the watcher does not notice mounts and unmounts. Everything else goes on.
  class MountsUnseen < StandardError
  end

  # Raised when a {Watcher} cannot go on from the checkpoint that `since:` names: the file is damaged or none, has
  # another version, or was written for other roots, filters or options. The message names the file and says what to do.
  class CheckpointError < StandardError
  end

  # Delivered to a {Watcher}'s `on_error` when a predicate, a Regexp or callable in `only:` or `ignore:`, raises. Its
  # path is included. Raised when a predicate calls `paths`, `audit` or `checkpoint` of its
  # own watcher, which would wait for it.
  class FilterError < StandardError
    # @return [String, nil] the path for which the predicate raised
    attr_reader :path

    # @param message [String]
    # @param path [String, nil]
    def initialize(message = nil, path = nil)
      super(message)
      @path = path
    end
  end
end
