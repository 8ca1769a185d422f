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
      # @param path [String, nil] of a file that the standard output goes to
      # @raise [SystemCallError] it can't be opened
      def initialize(signals, path = nil)
        @signals = signals
        @path = path
        open
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

      # Opens the file, anew where another program has renamed it.
      def open
        $stdout.reopen(@path, "a") if @path
        $stdout.binmode
        $stdout.sync = true
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
