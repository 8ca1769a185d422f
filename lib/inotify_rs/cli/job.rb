# frozen_string_literal: true

module Inotify
  module CLI
    # One run of COMMAND. One thread waits for its end, another writes its input.
    # @api private
    class Job
      # Seconds that the kernel may take to end killed processes.
      PATIENCE = 2
      # Characters of the command line that are shown.
      LONGEST = 72
      # Waits for a child's end, for a stop, and for its continuation (WCONTINUED).
      CHANGES = Process::WUNTRACED | 8
      # A shell takes this for one word.
      PLAIN = %r{\A[\w.,:=@%+/-]+\z}
      private_constant :PATIENCE, :LONGEST, :CHANGES, :PLAIN

      # @return [String] a command line as a user would type it into a shell
      def self.text(words)
        words.map { |word| Text.utf8(word).scrub }
             .map { |word| word.match?(PLAIN) ? word : "'#{word.gsub("'") { "'\\''" }}'" }.join(" ")
      end

      # @return [Integer]
      attr_reader :pid
      # @return [Process::Status, nil] of COMMAND itself; nil while it runs
      attr_reader :status

      # @param command [Command]
      # @param records [Array<Records::Changed>]
      # @param guard [Processes::Guard] of the process group that it joins
      # @param signals [Signals] woken at its end
      # @param subreaper [Boolean] whether all descendants of this process belong to it
      # @raise [Failure] it cannot be started
      def initialize(command, records, guard, signals, subreaper: false)
        @begun = Internal::Deadline.now
        @begun_at = Time.now
        @pid, input, @words = command.start(records, guard.pid)
        @guard = guard
        @group = Processes::Group.new(guard.pid, subreaper: subreaper)
        @waiter = Thread.new { wait(signals) }
        @feeder = Thread.new { feed(input, command.input(records)) } if input
      end

      # @return [Float] how many seconds it ran
      def seconds = @ended - @begun

      # @return [Array(Time, Time)] its begin and its end, or now
      def period = [@begun_at, @ended_at || Time.now]

      # @return [String] its command line, cut when it is long
      def to_s
        text = Job.text(@words.first(LONGEST))
        text.length > LONGEST ? "#{text[0, LONGEST]}…" : text
      end

      # @param name [String] of a signal for COMMAND and its descendants
      def signal(name)
        @guard.killed if name == "KILL"
        @group.signal(name)
      end

      # @return [Integer] its process group
      def group = @group.id

      # @return [String, nil] the signal that has stopped it since the last call, or `CONT` when it was continued
      def take_stop
        stop = @stop
        @stop = nil
        stop if stop && (stop == "CONT") != (Processes.stat(@pid).first == "T")
      end

      # Asks it to end, with the processes that it left running. {#kill_if_due} kills it after the given time.
      #
      # @param name [String] of a signal
      # @param seconds [Numeric] how long it may take
      def stop(name, seconds)
        return if @stopping

        @stopping = Internal::Deadline.after(seconds)
        signal(name)
        # A stopped process, as by Ctrl-Z, gets the signal when it continues.
        signal("CONT")
      end

      # Kills it.
      def kill
        signal("KILL")
        @stopping = @killed = Internal::Deadline.after(PATIENCE)
      end

      # Kills it if it was asked to end and the time is over.
      def kill_if_due
        kill if @stopping&.passed? && !@killed
      end

      def stopping? = !@stopping.nil?

      # @return [Boolean] whether none of its processes is left, or only such as cannot be killed
      def gone?
        return false unless status || @killed&.passed?

        gone = !@group.alive? || @killed&.passed?
        @feeder&.kill if gone
        gone
      end

      # @return [Numeric, nil] seconds until {#kill_if_due} and {#gone?} are due
      def remaining
        return unless @stopping

        status ? [Processes::Group::INTERVAL, @stopping.remaining].min : @stopping.remaining
      end

      private

      def wait(signals)
        until (status = Process.wait2(@pid, CHANGES).last).exited? || status.signaled?
          @stop = status.stopped? ? Signal.signame(status.stopsig) : "CONT"
          signals.wake
        end
        @ended = Internal::Deadline.now
        @ended_at = Time.now
        @status = status
        signals.wake
      end

      def feed(input, bytes)
        input.binmode
        input.write(bytes)
      rescue Errno::EPIPE
        # It does not read any more.
      ensure
        input.close
      end
    end
  end
end
