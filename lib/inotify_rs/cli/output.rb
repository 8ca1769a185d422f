# frozen_string_literal: true

module Inotify
  module CLI
    # The standard output. A reader may be slow: signals end the wait for it.
    # @api private
    class Output
      # Raised when there is nobody to read.
      class ReaderLeft < StandardError
      end

      # @param signals [Signals]
      def initialize(signals)
        @signals = signals
        $stdout.binmode
        $stdout.sync = true
        @left = false
        @reader = watch_reader
      end

      # Writes all, in one go where it can.
      #
      # @raise [ReaderLeft]
      # @raise [Signals::Ended]
      def write(bytes)
        check
        @signals.interruptible { $stdout.write(bytes) } unless bytes.empty?
      rescue Errno::EPIPE
        raise ReaderLeft
      end

      # @raise [ReaderLeft] known to have left, be there anything to write or not
      def check
        raise ReaderLeft if @left
      end

      # @return [Boolean] whether people read it
      def terminal? = $stdout.tty?

      private

      # Of a pipe, poll(2) tells at once that nobody reads it any more.
      def watch_reader
        return unless $stdout.stat.pipe? || $stdout.stat.socket?

        require "io/wait"
        Thread.new do
          $stdout.wait(IO::PRIORITY, nil)
          @left = true
          @signals.wake
        end
      end
    end
  end
end
