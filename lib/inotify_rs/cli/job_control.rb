# frozen_string_literal: true

module Inotify
  module CLI
    # Who has the terminal: COMMAND while it runs. What stops one of the two stops the other.
    # @api private
    class JobControl
      # What COMMAND ends with when a key ends it, as a shell has it.
      KEYS = { 130 => "INT", 131 => "QUIT" }.freeze
      private_constant :KEYS

      # @return [Terminal, nil] what COMMAND gets; nil where there is none, or it is not to have it
      attr_reader :terminal
      # @return [Terminal, nil] where keys come from that are not for COMMAND
      attr_reader :keyboard

      # @param settings [Settings]
      # @param signals [Signals]
      # @param report [Report]
      def initialize(settings, signals, report)
        terminal = Terminal.new($stdin) if settings.keyboard?
        @terminal = terminal if settings.terminal?
        # In a pipeline, another program may read them.
        @keyboard = terminal if $stdout.tty?
        @signals = signals
        @report = report
        @map = settings[:map_signal].to_h
        signals.listen(@map.keys - Signals::ENDING)
      end

      # @param group [Integer] of the processes that get the terminal
      def lend(group)
        @modes = nil
        @terminal&.lend(group)
      end

      def reclaim
        @modes = @terminal&.reclaim || @modes
      end

      # When others are to have the terminal.
      def leave
        reclaim
        @keyboard&.unlisten
      end

      # @param name [String] of a signal that was sent to this process
      # @param job [Job]
      def forward(name, job)
        leave if name == "TSTP"
        @terminal&.lend(job.group, @modes) if name == "CONT" && !job.status
        name = mapped(name)
        job.signal(name) if name
      end

      # @param name [String] of a signal
      # @return [String, nil] the one that COMMAND gets in its place
      def mapped(name) = @map.fetch(name, name)

      # Notices that something has stopped COMMAND, or has continued it. A key, where COMMAND has the terminal, stops
      # nothing else.
      def attend(job)
        signal = job.take_stop or return
        return if job.stopping?

        signal == "CONT" ? @terminal&.lend(job.group, @modes) : stopped(job, signal)
      end

      # @param job [Job] that has ended
      # @param status [Integer] its own
      # @raise [Signals::Ended] when COMMAND had the terminal, and a key ended it
      def ended(job, status)
        lent = @terminal&.lent?
        reclaim
        yield
        raise Signals::Ended, KEYS.fetch(status) if lent && KEYS.key?(status) && !job.stopping?
      end

      private

      def stopped(job, signal)
        lent = @terminal&.lent?
        leave
        @report.stopped(job, signal, @terminal)
        suspend(job, lent) unless signal == "STOP" || @terminal.nil?
      end

      def suspend(job, lent)
        # It may have come to the foreground meanwhile.
        @signals.suspend if lent || !@terminal.ours?
        forward("CONT", job) if lent || @terminal.ours?
      end
    end
  end
end
