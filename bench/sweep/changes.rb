# frozen_string_literal: true

require_relative "growth"

module Bench
  # The changes that Inotify::Watcher reports.
  class SweepChanges < Sweep
    WORKS = {
      "changes: files created in one directory" => [100_000, :created],
      "changes: files created in as many directories" => [10_000, :created_apart],
      "changes: files deleted" => [100_000, :deleted],
      "changes: files renamed in a directory" => [100_000, :renamed],
      "changes: files renamed to another directory" => [100_000, :moved],
      "changes: directories renamed" => [10_000, :renamed_dirs],
      "changes: a directory of so many files renamed" => [100_000, :renamed_dir],
      "changes: a tree of so many directories moved in" => [100_000, :moved_in],
      "changes: a tree of so many directories moved out" => [100_000, :moved_out],
      "changes: batches" => [10_000, :batches]
    }.freeze

    private

    # What the block and the watcher of a tree take: the watcher applies events while the block makes more.
    def changes(dir, clock, expected)
      watcher = Inotify::Watcher.new(dir, debounce: 1000)
      clock.call do
        yield
        watcher.sync
        seen = watcher.take.each(&:path).size
        raise "#{seen} changes, not #{expected}" if seen < expected
      end
    end

    def created(count, dir, clock) = changes(dir, clock, count) { files(dir, count) }

    def created_apart(count, dir, clock)
      paths = dirs(dir, count)
      changes(dir, clock, count) { paths.each { |path| File.write("#{path}/file", "") } }
    end

    def deleted(count, dir, clock)
      paths = files(dir, count)
      changes(dir, clock, count) { File.delete(*paths) }
    end

    def renamed(count, dir, clock)
      paths = files(dir, count)
      changes(dir, clock, count) { paths.each { |path| File.rename(path, "#{path}.new") } }
    end

    def moved(count, dir, clock)
      from, to = dirs(dir, 2)
      paths = files(from, count)
      changes(dir, clock, count) { paths.each { |path| File.rename(path, path.sub(from, to)) } }
    end

    def renamed_dirs(count, dir, clock)
      paths = dirs(dir, count)
      changes(dir, clock, count) { paths.each { |path| File.rename(path, "#{path}.new") } }
    end

    def renamed_dir(count, dir, clock)
      before, = dirs(dir, 1)
      files(before, count)
      changes(dir, clock, 1) { File.rename(before, "#{before}.new") }
    end

    def moved_in(count, dir, clock)
      outside, inside = dirs(dir, 2)
      tree, = dirs(outside, 1)
      dirs(tree, count)
      changes(inside, clock, count) { File.rename(tree, File.join(inside, "tree")) }
    end

    def moved_out(count, dir, clock)
      outside, inside = dirs(dir, 2)
      tree, = dirs(inside, 1)
      dirs(tree, count)
      changes(inside, clock, 1) { File.rename(tree, File.join(outside, "tree")) }
    end

    def batches(count, dir, clock)
      watcher = Inotify::Watcher.new(dir, debounce: 0)
      clock.call do
        count.times do |number|
          File.write(File.join(dir, number.to_s), "")
          watcher.take
        end
      end
    end
  end
end
