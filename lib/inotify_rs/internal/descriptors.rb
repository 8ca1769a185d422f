# frozen_string_literal: true

module Inotify
  module Internal
    # Makes room for descriptors, and holds the readers of those that programs know by number.
    # @api private
    module Descriptors
      module_function

      # Opens what the block opens, if need be after a garbage collection has closed what was dropped without being
      # closed, as Ruby does for its own files.
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

      # @param fd [Integer] known to be inotify
      # @return [Reader] the one of this number in this Ractor
      # @raise [Errno::EBADF] it is being closed
      def reader(fd)
        # {Inotify.init} drops the one of an earlier descriptor.
        readers = Ractor.current[:inotify_rs_readers] ||= {}
        reader = readers[fd]
        reader = readers[fd] = Reader.of_number(fd) if reader.nil? || reader.released?
        raise Errno::EBADF, "fd #{fd} is being closed" if reader.closed?

        reader
      end
    end
  end
end
