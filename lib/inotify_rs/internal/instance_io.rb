# frozen_string_literal: true

module Inotify
  module Internal
    # The IO of {Instance#to_io}. Closing it closes the instance, which owns the descriptor.
    # @api private
    class InstanceIO < IO
      # @param reader [Reader] kept, and with it the descriptor
      def initialize(fd, reader)
        super(fd, autoclose: false)
        @reader = reader
      end

      def close = @reader ? @reader.close : super
      alias close_read close

      private

      # A copy has a descriptor of its own.
      def initialize_copy(_other)
        super
        @reader = nil
      end
    end
  end
end
