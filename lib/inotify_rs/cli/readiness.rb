# frozen_string_literal: true

module Inotify
  module CLI
    # Tells that watching has begun: who waits for that may go on.
    # @api private
    class Readiness
      # @param notices [Notices]
      # @param number [Integer, nil] of a descriptor that gets a line
      # @raise [Failure] nothing can be written there
      def initialize(notices, number)
        @notices = notices
        @io = io_of(number) if number
      end

      # @param what [String] what is watched
      def tell(what)
        @notices.say("ready: #{what}")
        return unless @io

        @io.write("ready\n")
        @io.close unless @io.fileno < 3
      rescue Errno::EPIPE
        # Nobody waits for it.
      end

      private

      def io_of(number)
        return { 1 => $stdout, 2 => $stderr }[number] if number < 3

        IO.for_fd(number, "w").tap { |io| io.sync = true }
      rescue ArgumentError, SystemCallError
        raise Failure.usage("--ready-fd #{number} is not open for writing: `inotify_rs --ready-fd #{number} " \
                            "#{number}>FILE` opens it")
      end
    end
  end
end
