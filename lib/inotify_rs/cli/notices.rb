# frozen_string_literal: true

module Inotify
  module CLI
    # Lines on the standard error.
    # @api private
    class Notices
      # What takes fewer seconds needs no progress.
      SHORT = 0.5
      private_constant :SHORT

      # @param quiet [Boolean] whether errors alone are told
      # @param verbose [Boolean] whether details are told
      def initialize(quiet: false, verbose: false)
        @quiet = quiet
        @verbose = verbose
      end

      # Tells why things are done.
      def detail(text)
        write(text) if @verbose
      end

      # Tells how things go.
      #
      # @param color [Symbol, nil] on a terminal
      def say(text, color = nil)
        write(text, color) unless @quiet
      end

      # An empty line, which parts what was from what comes.
      def line_feed = put("\n")

      # Rings, on a terminal.
      def bell
        put("\a") if $stderr.tty?
      end

      # Tells that something is wrong.
      def error(text)
        write(text)
      end

      # Shows on a terminal how far the search of large trees is.
      #
      # @param directories [Integer]
      def progress(directories)
        return if @quiet || !Color.terminal?($stderr)

        @begun ||= Internal::Deadline.now
        return if Internal::Deadline.now < @begun + SHORT

        @in_progress = true
        put("\r#{line("#{Text.count(directories, "directory", "directories")} so far …")}")
      end

      private

      def write(text, color = nil)
        text = line(Names.visible(text))
        text = Color.paint(text, color) if color && Color.wanted?(nil, $stderr)
        text = "#{text}\n"
        text = "\r\e[K#{text}" if @in_progress
        @in_progress = false
        put(text)
      end

      def line(text) = "inotify_rs: #{text}"

      def put(text)
        $stderr.write(text)
      rescue SystemCallError
        # Nobody is there to be told.
      end
    end
  end
end
