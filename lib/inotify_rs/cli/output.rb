# frozen_string_literal: true

module Inotify
  module CLI
    # The standard output. Its reader may be slow: signals interrupt writing.
    # @api private
    class Output
      # Raised when the reader has closed the pipe.
      class ReaderLeft < StandardError
      end

      # @param signals [Signals]
      # @param path [String, nil] the file of `--output`
      # @raise [SystemCallError] it cannot be opened
      def initialize(signals, path = nil)
        @signals = signals
        @path = path
        open
        @left = false
        @reader = watch_reader
      end

      # Writes all bytes.
      #
      # @raise [ReaderLeft]
      # @raise [Signals::Ended]
      def write(bytes)
        check
        @signals.interruptible { $stdout.write(bytes) } unless bytes.empty?
      rescue Errno::EPIPE
        raise ReaderLeft
      end

      # Opens the file; again, when another program has renamed it.
      def open
        $stdout.reopen(@path, "a") if @path
        $stdout.binmode
        $stdout.sync = true
      end

      # @raise [ReaderLeft] even when there is nothing to write
      def check
        raise ReaderLeft if @left
      end

      # @return [Boolean] whether it is a terminal
      def terminal? = $stdout.tty?

      private

      # poll(2) reports at once that a pipe has no reader any more.
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
