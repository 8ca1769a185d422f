# frozen_string_literal: true

require "inotify_rs/rails"

require_relative "growth"

module Bench
  # Inotify::FileUpdateChecker.
  class SweepChecker < Sweep
    WORKS = {
      "FileUpdateChecker.new: files of one directory" => [10_000, :new_files],
      "FileUpdateChecker.new: directories" => [10_000, :new_dirs],
      "FileUpdateChecker.new: checkers" => [10_000, :checkers],
      "FileUpdateChecker#updated?, nothing changed: files" => [10_000, :unchanged],
      "FileUpdateChecker#updated?: changed files of one directory" => [100_000, :changed],
      "FileUpdateChecker#updated?: changed files below a directory" => [100_000, :changed_below],
      "FileUpdateChecker#updated?: changed links to files" => [10_000, :changed_links],
      "FileUpdateChecker#execute: changed directories" => [10_000, :executed]
    }.freeze

    private

    def checker(files, dirs = {}) = Inotify::FileUpdateChecker.new(files, dirs) { nil }

    def new_files(count, dir, clock)
      paths = files(dir, count)
      clock.call { checker(paths) }
    end

    def new_dirs(count, dir, clock)
      paths = dirs(dir, count)
      clock.call { checker([], paths.to_h { |path| [path, ["rb"]] }) }
    end

    def checkers(count, dir, clock)
      paths = files(dir, count)
      clock.call { paths.map { |path| checker([path]) } }
    end

    def unchanged(count, dir, clock)
      checker = checker(files(dir, count))
      checker.updated?
      clock.call { checker.updated? }
    end

    def changed(count, dir, clock)
      paths = files(dir, count)
      asked(checker(paths), clock) { paths.each { |path| File.write(path, "more") } }
    end

    def changed_below(count, dir, clock)
      paths = files(dir, count)
      asked(checker([], { dir => [] }), clock) { paths.each { |path| File.write(path, "more") } }
    end

    def changed_links(count, dir, clock)
      paths = nil
      tree = links(dir) { |target| paths = files(target, count) }
      asked(checker([], { tree => [] }), clock) { paths.each { |path| File.write(path, "more") } }
    end

    # What the next question takes after what the block does.
    def asked(checker, clock)
      checker.updated?
      yield
      clock.call { checker.updated? || raise("not updated") }
    end

    def executed(count, dir, clock)
      paths = dirs(dir, count)
      checker = checker([], { dir => ["rb"] })
      paths.each { |path| File.write(File.join(path, "file.rb"), "") }
      clock.call { checker.execute }
    end
  end
end
