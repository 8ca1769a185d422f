# frozen_string_literal: true

# The front ends whose calls wait, with the same methods for each: what the suites in spec/shared are written for.
#
# - WAITS: the calls that wait, by name; each is called with a source;
# - CLOSED: what a wait raises when its source is closed;
# - SCRIPT: makes `source` in a ruby of its own, from `dir`; WAIT: waits there once and returns names;
# - new_source: one that watches a directory for new files, closed after the example;
# - new_striking_source: one whose wait runs Ruby code of the library, if there is such a wait;
# - take_names: waits once, returns the names of the new files; arrived: all that there are, without waiting;
# - deliver_into: appends to a list all that is delivered to the block of one call, by a single call that nothing can
#   interrupt; delivered_names: the names of the new files in that list;
# - deliver_to: calls the block with each event, or returns an Enumerator; not of watchers, which deliver batches;
# - close_source: closes it;
# - UNWATCHED: raises in a ruby of its own what is reported of `dir` when there are no watches.
module FrontEnds
  def closed_error = self.class::CLOSED

  def delivered_names(names) = names

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
    UNWATCHED = SCRIPT

    def new_source(of = dir) = watching(:create, of: of)

    alias new_striking_source new_source

    def take_names(fd, timeout: nil)
      [].tap { |names| Inotify.watch(fd, timeout: timeout) { |event| names << event.name } }
    end

    def arrived(fd) = names(fd)

    def deliver_into(names, fd) = Inotify.watch(fd) { |_event, name| names << name }

    def deliver_to(fd, &block) = Inotify.watch(fd, &block)

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
    UNWATCHED = SCRIPT

    def new_source(of = dir) = instance_watching(:create, of: of)

    def take_names(instance, **timeout) = instance.read(**timeout).map(&:name)

    def arrived(instance) = drain_names(instance)

    def deliver_into(names, instance) = instance.each { |_event, name| names << name }

    def deliver_to(instance, &block) = instance.each(&block)

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
    UNWATCHED = "errors = []; Inotify::Watcher.new(dir, on_error: errors.method(:<<)).close; raise errors.first"

    def new_source(of = dir) = new_watcher(of, debounce: 0)

    def new_striking_source(of = dir) = new_watcher(of, debounce: 0, only: ->(_path) { true })

    def take_names(watcher, **timeout) = created(watcher.take(**timeout))

    def arrived(watcher) = created(changes(watcher))

    def deliver_into(changes, watcher) = watcher.each { |batch| changes.concat(batch) }

    def delivered_names(changes) = created(changes)

    def close_source(watcher) = watcher.close

    def created(changes) = changes.select(&:created?).map { |change| File.basename(change.path) }
  end
end
