# frozen_string_literal: true

require "fileutils"

# Watchers that are closed after the example, unless it closes them itself.
module Watchers
  # A watcher of the example's directory, or of what is in it. It reports at once, and of errors to {#errors}.
  def watch(*names, debounce: 0.05, **options)
    names = names.empty? ? [dir] : names.map { |name| path(name) }
    new_watcher(*names, debounce: debounce, on_error: ->(error) { errors << error }, **options)
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

  # How many descriptors are open of those that watchers have.
  def watcher_descriptors = DescriptorLeaks.open_descriptors.values.grep(/anon_inode/).size

  # All changes that have happened until now. Taken once: to take again says that the reader is done with these.
  def changes(watcher) = synced(watcher).take(timeout: 0)

  def synced(watcher)
    raise "not in time" unless watcher.sync(timeout: Waiting::LIMIT)

    watcher
  end

  # The same, as `[type, path]` and `[:renamed, from, path]`, with paths below the example's directory.
  def reported(watcher) = brief(changes(watcher))

  def brief(changes)
    changes.map { |change| [change.type, *[change.from, change.path].compact.map { |full| below(full) }] }
  end

  def below(full) = full.delete_prefix("#{dir}/")

  # The paths a watcher knows, below the example's directory.
  def known(watcher) = (synced(watcher).paths - [dir]).map { |full| below(full) }.sort

  # Makes directories, and `name => content` files in them.
  def tree(entries)
    entries.each do |name, content|
      FileUtils.mkdir_p(content ? File.dirname(path(name)) : path(name))
      File.write(path(name), content) if content
    end
  end

  # Writes as editors do: another file, renamed over the first.
  def save_atomically(name, content)
    File.write(path("#{name}.tmp"), content)
    File.rename(path("#{name}.tmp"), path(name))
  end

  # Takes changes until the block is content with all of them.
  def take_until(watcher)
    found = []
    within do
      found.concat(watcher.take) until yield(found)
    end
    found
  end
end

RSpec.configure do |config|
  config.define_derived_metadata(file_path: %r{/spec/watcher/}) { |metadata| metadata[:watchers] = true }
  config.include Watchers, :watchers
  config.after(:each, :watchers) { close_watchers }
end
