# frozen_string_literal: true

require_relative "growth"

module Bench
  # The filters of Inotify::Watcher: by patterns, and by directories that they are asked about.
  class SweepFilters < Sweep
    FILES = 1000
    WORKS = {
      "ignore: patterns, for a thousand files" => [10_000, :patterns],
      "only: patterns, for a thousand files" => [10_000, :only],
      "gitignore: rules of one file, for a thousand files" => [10_000, :rules],
      "gitignore: files, one in each directory" => [10_000, :rule_files],
      "ignore: a pattern, for directories" => [100_000, :pattern],
      "ignore: a Regexp, for directories" => [100_000, :regexp],
      "ignore: a callable, for directories" => [100_000, :callable]
    }.freeze

    private

    def patterns(count, dir, clock) = filtered(dir, clock, ignore: Array.new(count) { |number| "no#{number}*.rb" })
    def only(count, dir, clock) = filtered(dir, clock, only: Array.new(count) { |number| "no#{number}*.rb" })

    def rules(count, dir, clock)
      File.write(File.join(dir, ".gitignore"), Array.new(count) { |number| "no#{number}*.rb\n" }.join)
      filtered(dir, clock, gitignore: true)
    end

    # Starts, and reports files that no pattern matches.
    def filtered(dir, clock, **options)
      clock.call do
        watcher = Inotify::Watcher.new(dir, debounce: 1000, **options)
        files(dir, FILES)
        watcher.sync
      end
    end

    def rule_files(count, dir, clock)
      dirs(dir, count).each { |path| File.write(File.join(path, ".gitignore"), "*.o\n") }
      clock.call { Inotify::Watcher.new(dir, gitignore: true) }
    end

    def pattern(count, dir, clock) = ignoring(count, dir, clock, "nothing*")
    def regexp(count, dir, clock) = ignoring(count, dir, clock, /nothing/)
    def callable(count, dir, clock) = ignoring(count, dir, clock, ->(path) { path.end_with?("nothing") })

    def ignoring(count, dir, clock, ignore)
      dirs(dir, count)
      clock.call { Inotify::Watcher.new(dir, ignore: ignore) }
    end
  end
end
