# frozen_string_literal: true

module Inotify
  module CLI
    # The first process of the group that commands run in: a shell that does nothing but to wait for the end of a pipe,
    # of which this process has the only other end. So the group ends even when this process is killed outright, and its
    # number is nobody else's meanwhile.
    # @api private
    class Guard
      # Arguments: a signal, and how many seconds it may take.
      SCRIPT = <<~'SH'
        trap "" HUP INT QUIT USR1 USR2 TERM TSTP TTIN TTOU
        read -r line && exit
        kill -s "$1" 0
        kill -s CONT 0
        sleep "$2"
        kill -s KILL 0
      SH
      # Seconds it may take to end.
      PATIENCE = 1
      private_constant :SCRIPT, :PATIENCE

      # @return [Integer] its own, and that of the group
      attr_reader :pid

      # @param signal [String] what ends a group
      # @param seconds [Numeric] until it is killed
      # @raise [SystemCallError] there is no shell
      def initialize(signal, seconds)
        reader, @pipe = IO.pipe
        @pid = spawn("sh", "-c", SCRIPT, "sh", signal, seconds.to_s, in: reader, out: File::NULL, err: File::NULL,
                                                                     pgroup: true, close_others: true)
        @waiter = Process.detach(@pid)
      ensure
        reader.close
      end

      # @return [Boolean] whether it was not killed with its group
      def alive? = @waiter.alive?

      # Ends it.
      def dismiss
        @pipe.puts unless @pipe.closed?
      rescue Errno::EPIPE
        # It has ended.
      ensure
        @pipe.close
        @waiter.join(PATIENCE)
      end
    end
  end
end
