# frozen_string_literal: true

module Inotify
  module CLI
    # The signals that come. What waits with `IO.select` waits for {#io} as well; what waits otherwise is ended by
    # {#interruptible}.
    # @api private
    class Signals
      # These end the command.
      ENDING = %w[INT TERM HUP QUIT].freeze

      # Raised when it is to end for no signal.
      class Quit < StandardError
      end

      # Raised when a signal is to end the command.
      class Ended < StandardError
        # @return [String] the signal's name
        attr_reader :signal

        def initialize(signal)
          super("SIG#{signal}")
          @signal = signal
        end
      end

      # Ends this process by a signal, so that a shell knows.
      #
      # @return [Integer] the exit status instead, should it not
      def self.die_by(name)
        trap(name, "SYSTEM_DEFAULT")
        Process.kill(name, Process.pid)
        128 + Signal.list.fetch(name)
      end

      # @return [IO] readable when a signal came, or {#wake} was called
      attr_reader :io

      def initialize
        @received = []
        @io, @writer = IO.pipe
        @interruptible = false
        @ending = ENDING.dup
        listen(ENDING)
      end

      # Takes over further signals. Those that are ignored already stay so, as nohup(1) wants it.
      def listen(names)
        names.each do |name|
          before = trap(name) { receive(name) }
          trap(name, before) if before == "IGNORE"
        end
      end

      # Has HUP not end, for who opens files anew by it.
      def reopen
        @ending.delete("HUP")
      end

      # Has it end when everything is read.
      def quit_after(input)
        Thread.new do
          nil while input.readpartial(4096)
        rescue SystemCallError, IOError
          @quit = true
          wake
        end
      end

      # Raises when one that ends came, and yields the others.
      #
      # @yieldparam name [String]
      # @raise [Ended]
      def check(&block)
        ending, others = take.partition { |name| @ending.include?(name) }
        others.each(&block) if block
        raise Ended, ending.first if ending.any?
        raise Quit if @quit
      end

      # @param seconds [Numeric, nil] the longest wait for {#io}; nil: no limit
      def wait(seconds, *others)
        IO.select([@io, *others], nil, nil, seconds)
      end

      # @return [String, nil] one that ends and came; the others are dropped
      def ending = take.find { |name| @ending.include?(name) }

      # Stops this process and the others of its job, as Ctrl-Z does. The kernel does not where nobody could continue.
      def suspend
        before = trap("TSTP", "SYSTEM_DEFAULT")
        Process.kill("TSTP", 0)
      ensure
        trap("TSTP", before)
      end

      # Lets those that end interrupt the block.
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

      # Wakes who waits for {#io}. For any thread, and for signal handlers.
      def wake
        @writer.write_nonblock(".", exception: false)
      end

      private

      # The names of those that came since.
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
