# frozen_string_literal: true

module Inotify
  # Finds room for descriptors, and holds the queues of those that programs know by number. Each Ractor has its own.
  # @api private
  module Descriptors
    module_function

    # Makes what the block makes, if need be after what was dropped without being closed is collected, as Ruby's own
    # files are.
    #
    # @param patience [Integer] how many milliseconds to wait for threads that are collected, which end by themselves
    def with_room(patience = 0, &block)
      yield
    rescue Errno::EMFILE
      GC.start
      patiently(patience, &block)
    end

    def patiently(patience)
      yield
    rescue Errno::EMFILE
      raise unless patience.positive?

      patience -= 1
      sleep(0.001)
      retry
    end
    private_class_method :patiently

    # @return [Queue] the one of `fd`, which is known to be inotify
    def queue(fd)
      queue = queues[fd]
      queue = queues[fd] = Queue.of_number(fd) if queue.nil? || queue.released?
      raise Errno::EBADF, "fd #{fd} is being closed" if queue.closed?

      queue
    end

    # @return [Hash{Integer => Queue}] by descriptor
    def queues
      Ractor.current[:inotify_rs_queues] ||= {}
    end
  end
  private_constant :Descriptors
end
