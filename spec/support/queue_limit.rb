# frozen_string_literal: true

require "tmpdir"

# The kernel's limit of queued events, which an instance keeps from when it is made.
module QueueLimit
  PATH = "/proc/sys/fs/inotify/max_queued_events"
  # A chroot and the system around it share /dev, as they share the limit; their temporary directories differ.
  LOCK = File.join(File.directory?("/dev/shm") ? "/dev/shm" : Dir.tmpdir, "inotify_rs_queue_limit.lock")

  module_function

  # Runs the block while the limit is `events`; only root may. Examples that need it have the tag `:queue_limit`.
  def with_queue_of(events)
    File.open(LOCK, File::RDWR | File::CREAT) do |lock|
      # Two that lower it at a time would restore the lower one.
      lock.flock(File::LOCK_EX)
      before = File.read(PATH)
      begin
        File.write(PATH, events.to_s)
        yield
      ensure
        File.write(PATH, before)
      end
    end
  end

  def queue_limit_writable? = File.writable?(PATH)
end

if defined?(RSpec)
  # Examples with this tag lower the limit: nothing else may make instances meanwhile.
  RSpec.configure do |config|
    config.include QueueLimit
    config.before(:each, :queue_limit) { skip "only root may lower the limit" unless queue_limit_writable? }
  end
end
