# frozen_string_literal: true

module Inotify
  module CLI
    # The first process of the group that commands run in: a shell that does nothing but to wait for the end of a pipe,
    # of which this process has the only other end. So the group ends even when this process is killed outright, and its
    # number is nobody else's meanwhile.
    # @api private
    class Guard
      # Arguments: a signal, how many seconds it may take, and a command that waits for that in place of sleep(1).
      SCRIPT = <<~'SH'
        trap "" HUP INT QUIT USR1 USR2 TERM TSTP TTIN TTOU
        read -r line && exit
        signal=$1 seconds=$2
        shift 2
        kill -s "$signal" 0
        kill -s CONT 0
        "$@" $$ "$seconds" || sleep "$seconds"
        kill -s KILL 0
      SH
      # Waits until nothing of the group is left, and gives its terminal back.
      RESCUE = <<~'RUBY'
        owner, modes, group, seconds = ARGV
        Inotify::CLI::ProcessGroup.new(group.to_i).wait(seconds.to_f)
        Inotify::CLI::Terminal.give_back(group.to_i, owner.to_i, modes)
      RUBY
      # Seconds it may take to end.
      PATIENCE = 1
      private_constant :SCRIPT, :RESCUE, :PATIENCE

      # @return [Integer] its own, and that of the group
      attr_reader :pid

      # @param signal [String] what ends a group
      # @param seconds [Numeric] until it is killed
      # @param terminal [Terminal, nil] what is given to the group
      # @raise [SystemCallError] there is no shell
      def initialize(signal, seconds, terminal = nil)
        reader, @pipe = IO.pipe
        @pid = spawn("sh", "-c", SCRIPT, "sh", signal, seconds.to_s, *after(terminal),
                     in: reader, out: File::NULL, err: File::NULL, pgroup: true, close_others: true)
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

      private

      # What waits until the group has ended.
      def after(terminal)
        return ["false"] unless terminal

        parts = %w[process_group terminal].flat_map { |file| ["-r", File.join(__dir__, file)] }
        [RbConfig.ruby, "--disable-all", *parts, "-e", RESCUE, *terminal.to_arguments]
      end
    end
  end
end
