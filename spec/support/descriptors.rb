# frozen_string_literal: true

# Inotify descriptors that are closed after the example, unless it closes them itself.
module Descriptors
  def inotify(flags = 0)
    Inotify.init(flags).tap { |fd| own_descriptor(fd) }
  end

  # A descriptor that watches the example's directory.
  def watching(*mask, flags: 0, of: dir)
    inotify(flags).tap { |fd| Inotify.add_watch(fd, of, *mask) }
  end

  def own_descriptor(fd)
    (@descriptors ||= []) << fd
  end

  def close_descriptors
    Array(@descriptors).uniq.each do |fd|
      Inotify.close(fd)
    rescue Errno::EBADF, Errno::EINVAL
      # The example closed it, and its number may be another file's by now.
    end
    @descriptors = nil
  end

  # All events that are queued now.
  def events(fd)
    found = []
    loop { break found if Inotify.watch(fd, timeout: 0) { |event| found << event }.zero? }
  end

  def names(fd) = events(fd).map(&:name)

  # Waits for one batch.
  def batch(fd)
    [].tap { |found| Inotify.watch(fd, timeout: Waiting::LIMIT) { |event| found << event } }
  end

  # The number of a descriptor that is open no more.
  def closed_descriptor
    reader, writer = IO.pipe
    reader.fileno.tap { [reader, writer].each(&:close) }
  end

  def open?(fd) = File.symlink?("/proc/self/fd/#{fd}")
end
