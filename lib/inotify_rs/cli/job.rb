# frozen_string_literal: true

module Inotify
  module CLI
    # One run of the command. Threads of its own wait for its end and feed its input.
    # @api private
    class Job
      # Seconds between looks at whether what it left running has ended: nobody tells.
      LOOK = 0.03
      # Seconds that the kernel may take to end what is killed.
      PATIENCE = 2
      # Characters of what runs that are told.
      LONGEST = 72
      # What a shell takes for one word.
      PLAIN = %r{\A[\w.,:=@%+/-]+\z}
      private_constant :LOOK, :PATIENCE, :LONGEST, :PLAIN

      # @return [Process::Status, nil] of the command itself; nil while it runs
      attr_reader :status

      # @param command [Command]
      # @param records [Array<Records::Change>]
      # @param guard [Guard] whose process group it joins
      # @param signals [Signals] woken when it has ended
      # @raise [Failure] it can't be started
      def initialize(command, records, guard, signals)
        @begun = Deadline.now
        pid, input, @words = command.start(records, guard.pid)
        @group = ProcessGroup.new(guard.pid)
        @waiter = Thread.new { wait(pid, signals) }
        @feeder = Thread.new { feed(input, command.input(records)) } if input
      end

      # @return [Float] how long it ran, in seconds
      def seconds = @ended - @begun

      # @return [String] what runs, as a shell would have it, but for the end of what is long
      def to_s
        text = @words.map { |word| word.match?(PLAIN) ? word : "'#{word}'" }.join(" ")
        text.length > LONGEST ? "#{text[0, LONGEST]}…" : text
      end

      # @param name [String] of a signal for it and all it started
      def signal(name) = @group.signal(name)

      # Asks it to end, and what it left running. It is killed when the time is over: see {press}.
      #
      # @param name [String] of a signal
      # @param seconds [Numeric] how long it may take
      def stop(name, seconds)
        return if @stopping

        @stopping = Deadline.after(seconds)
        signal(name)
        # What is stopped, as by Ctrl-Z, is to heed it.
        signal("CONT")
      end

      # Kills it.
      def kill
        signal("KILL")
        @stopping = @killed = Deadline.after(PATIENCE)
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

        status ? [LOOK, @stopping.remaining].min : @stopping.remaining
      end

      private

      def wait(pid, signals)
        _, status = Process.wait2(pid)
        @ended = Deadline.now
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
