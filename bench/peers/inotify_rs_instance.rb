# frozen_string_literal: true

require "inotify_rs"

module Peers
  # `Inotify::Instance#each`, which does not ask for the name; each event knows its watch.
  class InstanceEach
    # @param path [String] of a directory; if there is one beside it whose name ends with `.storm`, that is watched, too
    def initialize(path, mask)
      @instance = Inotify::Instance.new
      @watch = @instance.add_watch(path, mask)
      storm = "#{path}.storm"
      @instance.add_watch(storm, :create, :modify, :close_write) if File.directory?(storm)
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

    # Yields for each event of `path`.
    def forever
      @instance.each { |event| yield if event.watch.equal?(@watch) }
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
