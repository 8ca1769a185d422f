# frozen_string_literal: true

require "fileutils"
require "set"
require_relative "waiting"

# Watchers of trees that are closed after the example, and what they report. Also for rubies of their own.
module Trees
  LIMIT = Waiting::LIMIT # seconds

  # A watcher that reports quickly: of the example's directory by default. Its errors are {#errors}.
  def watcher(*paths, **options)
    paths = [dir] if paths.empty?
    options = { debounce: 0.05, on_error: ->(error) { errors << error } }.merge(options)
    Inotify::Watcher.new(*paths, **options).tap { |watcher| (@watchers ||= []) << watcher }
  end

  def errors = @errors ||= []

  def close_watchers
    Array(@watchers).each(&:close)
    @watchers = nil
  end

  # All changes until now.
  def changes(watcher)
    found = []
    empty = 0
    while empty < 2
      watcher.sync(timeout: LIMIT) || raise("no sync within #{LIMIT} seconds")
      batch = watcher.take(timeout: 0)
      empty = batch.empty? ? empty + 1 : 0
      found.concat(batch)
    end
    found
  end

  # The same, short: `[:created, "lib/a.rb"]`, `[:renamed, "a", "b"]`, sorted, under the example's directory.
  def reported(watcher) = short(changes(watcher))

  def short(changes)
    changes.map { |change| [change.type, *[change.from, change.path].compact.map { |it| below(it) }] }.sort
  end

  # What the watcher knows, sorted, under the example's directory.
  def known(watcher) = watcher.paths.map { |path| below(path) }.sort - [""]

  def below(path) = path.delete_prefix(dir).delete_prefix("/")

  # Makes files, and the directories they are in; "x/" is a directory.
  def make(*names)
    names.each do |name|
      next FileUtils.mkdir_p(path(name)) if name.end_with?("/")

      FileUtils.mkdir_p(File.dirname(path(name)))
      File.write(path(name), "")
    end
  end

  def rename(from, to) = File.rename(path(from), path(to))

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

  # Whether the kernel watches what is at a path, for any instance of this process.
  def watched?(path)
    stat = File.stat(path)
    kernel_watches.any? { |watch| watch.include?(" ino:#{stat.ino.to_s(16)} ") }
  end

  def kernel_watches = inotify_fds.flat_map { |fd| File.readlines("/proc/self/fdinfo/#{fd}").grep(/\Ainotify wd:/) }

  def inotify_fds
    Dir.children("/proc/self/fd").select do |fd|
      File.readlink("/proc/self/fd/#{fd}") == "anon_inode:inotify"
    rescue Errno::ENOENT
      false
    end.map(&:to_i)
  end

  private

  def move(set, from, path)
    moved = set.select { |it| it == from || it.start_with?("#{from}/") }
    set.subtract(moved)
    set.merge(moved.map { |it| path + it.delete_prefix(from) })
  end
end

if defined?(RSpec)
  RSpec.configure do |config|
    config.include Trees
    config.after { close_watchers }
  end
end
