# frozen_string_literal: true

module Inotify
  module CLI
    # Lines on the standard error, and the line for `--ready-fd`.
    # @api private
    class Notices
      # Shorter scans, in seconds, show no progress.
      SHORT = 0.5
      private_constant :SHORT

      # @param settings [#[]] with `quiet`, `verbose` and `ready_fd`
      # @raise [Failure] `ready_fd` cannot be written to
      def initialize(settings = {})
        @quiet = settings[:quiet]
        @verbose = settings[:verbose]
        @ready = descriptor(settings[:ready_fd]) if settings[:ready_fd]
      end

      # Reports an error.
      def error(text) = write(text)

      # Reports progress, unless `--quiet`.
      #
      # @param color [Symbol, nil] on a terminal
      def say(text, color = nil)
        write(text, color) unless @quiet
      end

      # Reports a reason, with `--verbose`.
      def detail(text)
        write(text) if @verbose
      end

      # Reports that watching has begun: whoever waits for that may continue.
      #
      # @param what [String] is watched
      def ready(what)
        say("ready: #{what}")
        return unless @ready

        @ready.write("ready\n")
        @ready.close unless @ready.fileno < 3
      rescue Errno::EPIPE
        # Nobody waits for it.
      end

      # An empty line.
      def line_feed = put("\n")

      # Rings, on a terminal.
      def bell
        put("\a") if $stderr.tty?
      end

      # Shows the progress of a long scan, on a terminal.
      #
      # @param directories [Integer]
      def progress(directories)
        return if @quiet || !Text.escapes?($stderr)

        @begun ||= Internal::Deadline.now
        return if Internal::Deadline.now < @begun + SHORT

        @in_progress = true
        put("\r#{line("#{Text.count(directories, "directory", "directories")} so far …")}")
      end

      private

      def descriptor(number)
        return { 1 => $stdout, 2 => $stderr }[number] if number < 3

        IO.for_fd(number, "w").tap { |io| io.sync = true }
      rescue ArgumentError, SystemCallError
        raise Failure.usage("--ready-fd #{number} is not open for writing: `inotify_rs --ready-fd #{number} " \
                            "#{number}>FILE` opens it")
      end

      def write(text, color = nil)
        text = line(Text.visible(text))
        text = Text.paint(text, color) if color && Text.color?(nil, $stderr)
        text = "#{text}\n"
        text = "\r\e[K#{text}" if @in_progress
        @in_progress = false
        put(text)
      end

      def line(text) = "inotify_rs: #{text}"

      def put(text)
        $stderr.write(text)
      rescue SystemCallError
        # The standard error is closed.
      end
    end
  end
end
