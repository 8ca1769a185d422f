# frozen_string_literal: true

module Inotify
  # What {Instance#to_io} answers. Closing it closes the instance, which owns the descriptor.
  # @api private
  class InstanceIO < IO
    # @param queue [Queue] kept, and with it the descriptor
    def initialize(fd, queue)
      super(fd, autoclose: false)
      @queue = queue
    end

    def close = @queue ? @queue.close : super
    alias close_read close

    private

    # A copy has a descriptor of its own.
    def initialize_copy(_other)
      super
      @queue = nil
    end
  end
  private_constant :InstanceIO
end
