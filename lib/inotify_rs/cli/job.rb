# frozen_string_literal: true

module Inotify
  module CLI
    # One run of the command. Threads of its own wait for its end and feed its input.
    # @api private
    class Job
      # Seconds that the kernel may take to end what is killed.
      PATIENCE = 2
      # Characters of what runs that are told.
      LONGEST = 72
      # Of a child: its end, that it was stopped, and that it was continued (WCONTINUED).
      CHANGES = Process::WUNTRACED | 8
      # What a shell takes for one word.
      PLAIN = %r{\A[\w.,:=@%+/-]+\z}
      private_constant :PATIENCE, :LONGEST, :CHANGES, :PLAIN

      # @return [Process::Status, nil] of the command itself; nil while it runs
      attr_reader :status

      # @param command [Command]
      # @param records [Array<Records::Change>]
      # @param guard [Guard] whose process group it joins
      # @param signals [Signals] woken when it has ended
      # @raise [Failure] it can't be started
      # @param adopted [Boolean] whether all descendants of this process belong to it
      def initialize(command, records, guard, signals, adopted: false)
        @begun = Internal::Deadline.now
        @begun_at = Time.now
        @pid, input, @words = command.start(records, guard.pid)
        @group = ProcessGroup.new(guard.pid, adopted: adopted)
        @waiter = Thread.new { wait(signals) }
        @feeder = Thread.new { feed(input, command.input(records)) } if input
      end

      # @return [Float] how long it ran, in seconds
      def seconds = @ended - @begun

      # @return [Array(Time, Time)] from when to when it ran, or until now
      def period = [@begun_at, @ended_at || Time.now]

      # @return [String] what runs, as a shell would have it, but for the end of what is long
      def to_s
        text = Job.text(@words.first(LONGEST))
        text.length > LONGEST ? "#{text[0, LONGEST]}…" : text
      end

      # @return [String] a command as a shell would have it
      def self.text(words)
        words.map { |word| Names.utf8(word).scrub }.map { |word| word.match?(PLAIN) ? word : "'#{word}'" }.join(" ")
      end

      # @param name [String] of a signal for it and all it started
      def signal(name) = @group.signal(name)

      # @return [Integer]
      attr_reader :pid

      # @return [Integer] its process group
      def group = @group.id

      # @return [String, nil] the signal that has stopped it since the last call, or `CONT` when it has been continued
      def take_stop
        stop = @stop
        @stop = nil
        stop if stop && (stop == "CONT") != (ProcessGroup.stat(@pid).first == "T")
      end

      # Asks it to end, and what it left running. It is killed when the time is over: see {press}.
      #
      # @param name [String] of a signal
      # @param seconds [Numeric] how long it may take
      def stop(name, seconds)
        return if @stopping

        @stopping = Internal::Deadline.after(seconds)
        signal(name)
        # What is stopped, as by Ctrl-Z, is to heed it.
        signal("CONT")
      end

      # Kills it.
      def kill
        signal("KILL")
        @stopping = @killed = Internal::Deadline.after(PATIENCE)
      end

      # Kills it when it was asked to end and has had its time.
      def press
        kill if @stopping&.passed? && !@killed
      end

      def stopping? = !@stopping.nil?

      # @return [Boolean] whether nothing of it is left, or nothing that can be ended
      def gone?
        return false unless status || @killed&.passed?

        gone = !@group.alive? || @killed&.passed?
        @feeder&.kill if gone
        gone
      end

      # @return [Numeric, nil] seconds until it is to be looked after
      def remaining
        return unless @stopping

        status ? [ProcessGroup::LOOK, @stopping.remaining].min : @stopping.remaining
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
        # It reads no more.
      ensure
        input.close
      end
    end
  end
end
