# frozen_string_literal: true

require "fileutils"
require "set"
require_relative "waiting"

# Watchers that are closed after the example, and what they report. Also for rubies of their own, which define `dir` and
# `path`.
module Watchers
  # A watcher that reports quickly: of the example's directory, or of paths below it. Its errors are {#errors}.
  def watch(*names, **options)
    roots = names.map { |name| File.absolute_path?(name) ? name : path(name) }
    roots << dir if roots.empty?
    new_watcher(*roots, debounce: 0.05, on_error: ->(error) { errors << error }, **options)
  end

  def new_watcher(...)
    Inotify::Watcher.new(...).tap { |watcher| own_watcher(watcher) }
  end

  def own_watcher(watcher)
    (@watchers ||= []) << watcher
  end

  def errors = @errors ||= []

  def close_watchers
    Array(@watchers).each(&:close)
    @watchers = nil
  end

  def synced(watcher)
    watcher.sync(timeout: Waiting::LIMIT) || raise("no sync within #{Waiting::LIMIT} seconds")
    watcher
  end

  # Waits until the clock of the files' times, which may tick late, has passed this moment: files that change later have
  # later times than those that changed until now.
  def pass_the_tick
    moment = Process.clock_gettime(Process::CLOCK_REALTIME)
    Thread.pass until Process.clock_gettime(Process::CLOCK_REALTIME_COARSE) > moment
  end

  # The changes of all that has happened until now. Taken once: to take again says that the reader is done with these.
  def changes(watcher) = synced(watcher).take(timeout: 0)

  # These, and those that the watcher finds after they were taken.
  def all_changes(watcher)
    found = []
    empty = 0
    while empty < 2
      batch = changes(watcher)
      empty = batch.empty? ? empty + 1 : 0
      found.concat(batch)
    end
    found
  end

  # Takes changes until the block is content with all of them.
  def take_until(watcher)
    found = []
    within do
      found.concat(watcher.take) until yield(found)
    end
    found
  end

  # Changes as `[:created, "lib/a.rb"]` and `[:renamed, "a", "b"]`, with paths below the example's directory.
  def short(changes)
    changes.map { |change| [change.type, *[change.from, change.path].compact.map { |it| below(it) }] }
  end

  def reported(watcher) = short(changes(watcher))

  def all_reported(watcher) = short(all_changes(watcher)).sort

  # The paths a watcher knows, sorted, below the example's directory.
  def known(watcher) = watcher.paths.map { |path| below(path) }.sort - [""]

  # A path below the example's directory, which itself is "".
  def below(path) = path.delete_prefix(dir).delete_prefix("/")

  # The paths that are left of `paths` when the changes are applied.
  def applied(paths, changes)
    changes.each_with_object(paths.to_set) do |change, set|
      case change.type
      when :created then set << change.path
      when :deleted then set.delete(change.path)
      when :renamed then move(set, change.from, change.path)
      end
    end
  end

  # Makes files, and the directories they are in; "x/" is a directory, and `"x" => "text"` a file with that content.
  def make(*names, **contents)
    names.to_h { |name| [name, ""] }.merge(contents).each do |name, content|
      next FileUtils.mkdir_p(path(name)) if name.end_with?("/")

      FileUtils.mkdir_p(File.dirname(path(name)))
      File.write(path(name), content)
    end
  end

  def rename(from, to) = File.rename(path(from), path(to))

  # Writes as editors do: another file, renamed over the first.
  def save_atomically(name, content)
    File.write(path("#{name}.tmp"), content)
    rename("#{name}.tmp", name)
  end

  # How many descriptors are open of those that watchers have.
  def watcher_descriptors = DescriptorLeaks.open_descriptors.values.grep(/anon_inode/).size

  private

  def move(set, from, path)
    moved = set.select { |it| it == from || it.start_with?("#{from}/") }
    set.subtract(moved)
    set.merge(moved.map { |it| path + it.delete_prefix(from) })
  end
end

if defined?(RSpec)
  RSpec.configure do |config|
    config.include Watchers
    config.after { close_watchers }
  end
end
