# frozen_string_literal: true

require_relative "growth"

module Bench
  # Inotify::Watcher: its start by what there is, and its methods.
  class SweepWatcher < Sweep
    WORKS = {
      "Watcher.new: directories" => [100_000, :start_dirs],
      "Watcher.new: files of one directory" => [100_000, :start_files],
      "Watcher.new: given files of one directory" => [10_000, :given_files],
      "Watcher.new: given directories" => [10_000, :given_dirs],
      "Watcher.new: given directories inside others" => [10_000, :nested],
      "Watcher.new: depth" => [1000, :depth],
      "Watcher.new, follow_symlinks: links to directories" => [10_000, :links_to_dirs],
      "Watcher.new, follow_symlinks: links to files" => [100_000, :links_to_files],
      "Watcher.new, follow_symlinks: links to one directory" => [100_000, :links_to_one],
      "Watcher.new, poll: :always: files" => [100_000, :polled],
      "#sync: directories" => [100_000, :sync],
      "#paths: directories" => [100_000, :paths],
      "#audit: files" => [100_000, :audit],
      "#stats: directories" => [100_000, :stats],
      "#close: directories" => [100_000, :close],
      "#checkpoint: files" => [100_000, :checkpoint],
      "since: files" => [100_000, :since]
    }.freeze

    private

    def start(clock, *roots, **options) = clock.call { Inotify::Watcher.new(*roots, **options) }

    def start_dirs(count, dir, clock)
      dirs(dir, count)
      start(clock, dir)
    end

    def start_files(count, dir, clock)
      files(dir, count)
      start(clock, dir)
    end

    def given_files(count, dir, clock) = start(clock, *files(dir, count))

    def given_dirs(count, dir, clock) = start(clock, *dirs(dir, count))

    def nested(count, dir, clock) = start(clock, dir, *dirs(dir, count))

    def depth(count, dir, clock)
      FileUtils.mkdir_p(File.join(dir, *["d"] * count))
      start(clock, dir)
    end

    def links_to_dirs(count, dir, clock) = follow(dir, clock) { |target| dirs(target, count) }
    def links_to_files(count, dir, clock) = follow(dir, clock) { |target| files(target, count) }
    def links_to_one(count, dir, clock) = follow(dir, clock) { |target| [target] * count }
    def follow(dir, clock, &) = start(clock, links(dir, &), follow_symlinks: true)

    def polled(count, dir, clock)
      files(dir, count)
      clock.call do
        watcher = Inotify::Watcher.new(dir, poll: [:always, 1000])
        watcher.sync
      end
    end

    # Something that a watcher of so many directories does.
    def with_dirs(count, dir, clock)
      dirs(dir, count)
      watcher = Inotify::Watcher.new(dir)
      clock.call { yield watcher }
    end

    def sync(count, dir, clock) = with_dirs(count, dir, clock, &:sync)
    def paths(count, dir, clock) = with_dirs(count, dir, clock, &:paths)
    def stats(count, dir, clock) = with_dirs(count, dir, clock, &:stats)
    def close(count, dir, clock) = with_dirs(count, dir, clock, &:close)

    def audit(count, dir, clock)
      files(dir, count)
      watcher = Inotify::Watcher.new(dir)
      clock.call { watcher.audit }
    end

    def checkpoint(count, dir, clock)
      tree, = dirs(dir, 1)
      files(tree, count)
      watcher = Inotify::Watcher.new(tree)
      clock.call { watcher.checkpoint(File.join(dir, "checkpoint")) }
    end

    def since(count, dir, clock)
      tree, = dirs(dir, 1)
      paths = files(tree, count)
      checkpoint = File.join(dir, "checkpoint")
      Inotify::Watcher.new(tree).checkpoint(checkpoint)
      paths.each { |path| File.write(path, "more") }
      clock.call do
        changes = Inotify::Watcher.new(tree, since: checkpoint).take
        raise "#{changes.size} changes, not #{count}" if changes.size < count
      end
    end
  end
end
