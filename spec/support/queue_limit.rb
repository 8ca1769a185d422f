# frozen_string_literal: true

require "tmpdir"

# The kernel's limit of queued events, which an instance keeps from when it is made.
module QueueLimit
  PATH = "/proc/sys/fs/inotify/max_queued_events"
  # A chroot and the system around it share /dev, as they share the limit; their temporary directories differ.
  LOCK = File.join(File.directory?("/dev/shm") ? "/dev/shm" : Dir.tmpdir, "inotify_rs_queue_limit.lock")

  module_function

  # Runs the block while the limit is `events`; only root may.
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

RSpec.configure { |config| config.include QueueLimit } if defined?(RSpec)
