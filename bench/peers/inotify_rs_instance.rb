# frozen_string_literal: true

require "inotify_rs"

module Peers
  # `Inotify::Instance#each`, which does not ask for the name; each event knows its watch.
  class InstanceEach
    def initialize(path, mask)
      @instance = Inotify::Instance.new
      @instance.add_watch(path, mask)
    end

    def drain(total)
      count = 0
      last = nil
      @instance.each do |event|
        last = event
        break if (count += 1) == total
      end
      [count, count * last.name.to_s.bytesize]
    end

    def forever
      @instance.each { |_event| yield }
    end
  end

  # `Inotify::Instance#read`.
  class InstanceRead < InstanceEach
    def drain(total)
      count = 0
      while count < total
        events = @instance.read(timeout: QUIET)
        break if events.empty?

        count += events.size
        last = events.last
      end
      [count, count * last&.name.to_s.bytesize]
    end
  end
end
