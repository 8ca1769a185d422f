# frozen_string_literal: true

module Inotify
  module CLI
    # Prints what a source gives, until it is enough.
    # @api private
    class Show
      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      def initialize(settings, notices, signals)
        @signals = signals
        @output = Output.new(signals, settings[:output])
        signals.reopen if settings[:output]
        @source = settings[:events] ? Events.new(settings, notices) : Changes.new(settings, notices)
        @notices = notices
        @settings = settings
        text = Text.new(visibly: @output.terminal?, color: Color.wanted?(settings[:color], $stdout))
        @printer = Printer.for(settings, text)
        @readiness = Readiness.new(notices, settings[:ready_fd])
        @told = 0
      end

      # @return [Integer] the exit status
      def run
        @signals.interruptible { @source.open }
        print_initial if @settings[:initial]
        @readiness.tell(@source.summary)
        tell
      ensure
        @source.close
      end

      private

      def print_initial
        @output.write(@printer.call(@source.initial))
      end

      def tell
        deadline = Internal::Deadline.after(@settings[:timeout])
        while wait(deadline)
          print(@source.take)
          return DONE if enough?
          raise Failure, @source.ended if @source.ended
        end
        print(@source.rest)
        enough?(1) ? DONE : TIMED_OUT
      end

      # @return [Boolean] whether the deadline has not passed
      def wait(deadline)
        found = @signals.wait(deadline.remaining, @source.io)
        @signals.check { reopen }
        @output.check
        !found.nil?
      end

      # By SIGHUP, with --output.
      def reopen
        @output.open
        @source.own_files.refresh
      end

      def print(records)
        records = records.first(@settings[:count] - @told) if @settings[:count]
        @output.write(@printer.call(records))
        @told += records.size
      end

      # Whether as many were told as are asked for.
      def enough?(default = Float::INFINITY) = @told >= (@settings[:count] || default)
    end
  end
end
