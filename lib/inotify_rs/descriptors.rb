# frozen_string_literal: true

module Inotify
  # Makes descriptors, and holds the queues of those that programs know by number. Each Ractor has its own.
  # @api private
  module Descriptors
    module_function

    # @return [Integer] a new inotify descriptor
    def open(flags)
      Sys.init1(flags)
    rescue Errno::EMFILE
      # Instances that were dropped without being closed go at the next collection, as Ruby's own files do.
      GC.start
      Sys.init1(flags)
    end

    # @return [Queue] the one of `fd`, which is known to be inotify
    def queue(fd)
      queue = queues[fd]
      queue = queues[fd] = Queue.new(fd) if queue.nil? || queue.released?
      raise Errno::EBADF, "fd #{fd} is being closed" if queue.closed?

      queue
    end

    # Drops what was read of an earlier descriptor of this number.
    def forget(fd) = queues.delete(fd)

    def queues
      Ractor.current[:inotify_rs_queues] ||= {}
    end
    private_class_method :queues
  end
  private_constant :Descriptors
end
