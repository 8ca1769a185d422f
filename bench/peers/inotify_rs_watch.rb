# frozen_string_literal: true

require "inotify_rs"

module Peers
  # `Inotify.watch` with a block of two parameters.
  class WatchNames
    def initialize(path, mask)
      @fd = Inotify.init
      Inotify.add_watch(@fd, path, mask)
    end

    def drain(total)
      count = bytes = 0
      while count < total
        got = Inotify.watch(@fd, timeout: QUIET) { |_event, name| bytes += name.bytesize }
        got.zero? ? break : count += got
      end
      [count, bytes]
    end

    def forever
      loop { Inotify.watch(@fd) { |_event, _name| yield } }
    end

    def poll = Inotify.watch(@fd, timeout: 0) { |_event, _name| nil }
  end

  # `Inotify.watch` with a block of one parameter, which does not ask for the name.
  class WatchEvents < WatchNames
    def drain(total)
      count = 0
      last = nil
      while count < total
        got = Inotify.watch(@fd, timeout: QUIET) { |event| last = event }
        got.zero? ? break : count += got
      end
      [count, count * last&.name.to_s.bytesize]
    end

    def forever
      loop { Inotify.watch(@fd) { |_event| yield } }
    end
  end
end
