# frozen_string_literal: true

module Inotify
  module CLI
    # The signals that this process gets. Waits by {#wait} end when one arrives; {#interruptible} ends other waits.
    # @api private
    class Signals
      # These end the command.
      ENDING = %w[INT TERM HUP QUIT].freeze
      # Seconds after which a stop was ignored.
      MOMENT = 0.5
      private_constant :MOMENT

      # Raised when the command ends without a signal.
      class Quit < StandardError
      end

      # Raised when a signal ends the command.
      class Ended < StandardError
        # @return [String] the name of the signal
        attr_reader :signal

        def initialize(signal)
          super("SIG#{signal}")
          @signal = signal
        end
      end

      # Ends this process by a signal, so that a shell knows that.
      #
      # @return [Integer] the exit status, if the signal does not end it
      def self.die_by(name)
        trap(name, "SYSTEM_DEFAULT")
        Process.kill(name, Process.pid)
        128 + Signal.list.fetch(name)
      end

      # @return [IO] readable when a signal has arrived, or {#wake} was called
      attr_reader :io

      def initialize
        @received = []
        @io, @writer = IO.pipe
        @interruptible = false
        @ending = ENDING.dup
        listen(ENDING)
      end

      # Traps further signals, except for those that are ignored, as under nohup(1).
      def listen(names)
        names.each do |name|
          before = trap(name) { receive(name) }
          trap(name, before) if before == "IGNORE"
        end
      end

      # HUP does not end the command any more: it opens files again.
      def reopen
        @ending.delete("HUP")
      end

      # Ends the command at the end of this input.
      def quit_after(input)
        Thread.new do
          nil while input.readpartial(4096)
        rescue SystemCallError, IOError
          @quit = true
          wake
        end
      end

      # Raises if a signal that ends the command has arrived, and yields the others.
      #
      # @yieldparam name [String]
      # @raise [Ended]
      # @raise [Quit]
      def check(&block)
        ending, others = take.partition { |name| @ending.include?(name) }
        others.each(&block) if block
        raise Ended, ending.first if ending.any?
        raise Quit if @quit
      end

      # Waits for a signal, {#wake}, or one of the others.
      #
      # @param seconds [Numeric, nil] the longest wait; nil: no limit
      def wait(seconds, *others)
        IO.select([@io, *others], nil, nil, seconds)
      end

      # @return [String, nil] a signal that has arrived and ends the command; the others are dropped
      def ending = take.find { |name| @ending.include?(name) }

      # Stops this process and the others of its job, as Ctrl-Z does. The kernel ignores that where nobody could
      # continue them.
      def suspend
        before = trap("TSTP", "SYSTEM_DEFAULT")
        continued = @received.count("CONT")
        Process.kill("TSTP", 0)
        # Another thread may get the signal, and stop this one a moment later: not in the middle of what follows.
        deadline = Internal::Deadline.after(MOMENT)
        sleep 0.01 until @received.count("CONT") > continued || deadline.passed?
      ensure
        trap("TSTP", before)
      end

      # Signals that end the command interrupt the block.
      #
      # @raise [Ended]
      def interruptible
        before = @interruptible
        @interruptible = true
        check
        yield
      ensure
        @interruptible = before
      end

      # Ends {#wait}. Any thread and signal handlers may call it.
      def wake
        @writer.write_nonblock(".", exception: false)
      end

      private

      # The names of the signals that have arrived since the last call.
      def take
        @io.read_nonblock(1024, exception: false)
        @received.shift(@received.size)
      end

      def receive(name)
        raise Ended, name if @interruptible && @ending.include?(name)

        @received << name
        wake
      end
    end
  end
end
