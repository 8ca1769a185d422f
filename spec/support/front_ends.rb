# frozen_string_literal: true

# The front ends whose calls wait, with the same methods for each: what the suites in spec/shared are written for.
#
# - WAITS: the calls that wait, by name; each is called with a source;
# - CLOSED: what a wait raises when its source is closed;
# - SCRIPT: makes `source` in a ruby of its own, from `dir`; WAIT: waits there once and returns names;
# - new_source: one that watches a directory for new files, closed after the example;
# - new_striking_source: one whose wait runs Ruby code of the library, if there is such a wait;
# - take_names: waits once, returns the names of the new files; arrived: all that there are, without waiting;
# - close_source: closes it.
module FrontEnds
  def closed_error = self.class::CLOSED

  def all_names(count) = Array.new(count) { |number| format("%05d", number) }

  # The four calls; a source is a descriptor.
  module Calls
    include FrontEnds

    WAITS = {
      "watch" => ->(fd) { Inotify.watch(fd) { |event| event } },
      "watch with a timeout" => ->(fd) { Inotify.watch(fd, timeout: 10_000) { |event| event } },
      "an Enumerator's next" => ->(fd) { Inotify.watch(fd).next }
    }.freeze
    CLOSED = Errno::EBADF
    SCRIPT = "source = Inotify.init; Inotify.add_watch(source, dir, :create)"
    WAIT = "Inotify.watch(source).map(&:name)"
    CLOSE = "Inotify.close(source)"

    def new_source(of = dir) = watching(:create, of: of)

    alias new_striking_source new_source

    def take_names(fd, timeout: nil)
      [].tap { |names| Inotify.watch(fd, timeout: timeout) { |event| names << event.name } }
    end

    def arrived(fd) = names(fd)

    def close_source(fd) = Inotify.close(fd)
  end

  module Instance
    include FrontEnds

    WAITS = {
      "each" => ->(instance) { instance.each(&:name) }, "read" => :read.to_proc,
      "read with a timeout" => ->(instance) { instance.read(timeout: 10_000) },
      "an Enumerator's next" => ->(instance) { instance.each.next }
    }.freeze
    CLOSED = IOError
    SCRIPT = "source = Inotify::Instance.new; source.add_watch(dir, :create)"
    WAIT = "source.read.map(&:name)"
    CLOSE = "source.close"

    def new_source(of = dir) = instance_watching(:create, of: of)

    def take_names(instance, **timeout) = instance.read(**timeout).map(&:name)

    def arrived(instance) = drain_names(instance)

    def close_source(instance) = instance.close
  end

  module Watcher
    include FrontEnds

    WAITS = {
      "each" => ->(watcher) { watcher.each(&:size) }, "take" => :take.to_proc,
      "take with a timeout" => ->(watcher) { watcher.take(timeout: 10_000) },
      "an Enumerator's next" => ->(watcher) { watcher.each.next }
    }.freeze
    CLOSED = IOError
    SCRIPT = "source = Inotify::Watcher.new(dir, debounce: 0)"
    WAIT = "source.take.map { |change| File.basename(change.path) }"
    CLOSE = "source.close"

    def new_source(of = dir) = new_watcher(of, debounce: 0)

    def new_striking_source(of = dir) = new_watcher(of, debounce: 0, only: ->(_path) { true })

    def take_names(watcher, **timeout) = created(watcher.take(**timeout))

    def arrived(watcher) = created(changes(watcher))

    def close_source(watcher) = watcher.close

    def created(changes) = changes.select(&:created?).map { |change| File.basename(change.path) }
  end
end
