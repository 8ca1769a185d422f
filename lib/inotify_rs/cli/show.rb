# frozen_string_literal: true

module Inotify
  module CLI
    # Prints changes or events, until an option ends it.
    # @api private
    class Show
      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      def initialize(settings, notices, signals)
        @signals = signals
        @output = Output.new(signals, settings[:output])
        signals.reopen if settings[:output]
        @source = (settings[:events] ? KernelEvents : TreeChanges).new(settings, notices)
        @notices = notices
        @settings = settings
        lines = Formats::Lines.new(visibly: @output.terminal?, color: Text.color?(settings[:color], $stdout))
        @printer = Formats::Printer.for(settings, lines)
        @printed = 0
      end

      # @return [Integer] the exit status
      def run
        @signals.interruptible { @source.open }
        @output.write(@printer.call(@source.initial)) if @settings[:initial]
        @notices.ready(@source.summary)
        print_all
      ensure
        @source.close
      end

      private

      def print_all
        deadline = Internal::Deadline.after(@settings[:timeout])
        print(@source.first)
        return DONE if enough?

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

      # At SIGHUP, with --output.
      def reopen
        @output.open
        @source.own_files.refresh
      end

      # A batch of which --count cuts something off is printed again after the next start.
      def print(records)
        printed = @settings[:count] ? records.first(@settings[:count] - @printed) : records
        @output.write(@printer.call(printed))
        @printed += printed.size
        @signals.interruptible { @source.checkpoint } if printed.size == records.size
      end

      # Whether `--count` records were printed.
      def enough?(default = Float::INFINITY) = @printed >= (@settings[:count] || default)
    end
  end
end
