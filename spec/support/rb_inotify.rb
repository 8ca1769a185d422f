# frozen_string_literal: true

# Notifiers of INotify that are closed after the example, and what they tell.
module RbInotify
  ALL = %i[create modify attrib delete move close_write].freeze

  # Ours, and what a later `require "rb-inotify"` finds.
  def self.load = require("inotify_rs/rb_inotify")

  def new_notifier
    RbInotify.load
    INotify::Notifier.new.tap { |notifier| (@notifiers ||= []) << notifier }
  end

  # One whose queue is as long as usual, whoever makes them short meanwhile.
  def roomy_notifier
    QueueLimit.queue_limit_writable? ? QueueLimit.with_queue_of(16_384) { new_notifier } : new_notifier
  end

  # One that watches the example's directory and keeps what it is told in {#seen}.
  def notifier_of(*flags, of: dir)
    new_notifier.tap { |notifier| notifier.watch(of, *flags) { |event| seen << event } }
  end

  def seen = @seen ||= []

  # What has happened until now, as `["create", "sub/name"]`, below the example's directory.
  def heard(notifier)
    seen.clear
    process_all(notifier)
    seen.map { |event| brief(event) }
  end

  def brief(event)
    [Inotify::Flags.to_flags(event.mask).first.to_s, event.absolute_name.delete_prefix(dir).delete_prefix("/")]
  end

  def process_all(notifier)
    within { notifier.process while notifier.to_io.wait_readable(0) }
  end

  def paths_of(notifier) = notifier.watchers.each_value.map { |watcher| watcher.path.delete_prefix(dir) }.sort

  # The watches of a notifier with trees, except for the first one, which is for its marks.
  def directory_wds(notifier) = kernel_wds(notifier.fd).drop(1)

  def close_notifiers
    Array(@notifiers).each(&:close)
    @notifiers = nil
  end
end

RSpec.configure do |config|
  config.define_derived_metadata(file_path: %r{/spec/rb_inotify/}) { |metadata| metadata[:rb_inotify] = true }
  config.include RbInotify, :rb_inotify
  config.after(:each, :rb_inotify) { close_notifiers }
end
