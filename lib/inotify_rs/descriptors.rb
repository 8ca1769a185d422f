# frozen_string_literal: true

module Inotify
  # The queues of the descriptors that programs hold as numbers. Each Ractor has its own.
  # @api private
  module Descriptors
    module_function

    # @return [Queue] the one of `fd`, which is known to be inotify
    def queue(fd)
      queue = (queues[fd] ||= Queue.new(fd))
      raise Errno::EBADF, "fd #{fd} is being closed" if queue.retired?

      queue
    end

    # Drops what was read of an earlier descriptor of this number.
    def forget(fd)
      queues.delete(fd)
    end

    def close(queue)
      forget(queue.fd)
      Sys.close(queue.fd)
    end

    def queues
      Ractor.current[:inotify_rs_queues] ||= {}
    end
  end
  private_constant :Descriptors
end
