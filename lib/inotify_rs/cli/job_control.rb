# frozen_string_literal: true

module Inotify
  module CLI
    # Starts runs of COMMAND as a shell starts jobs: in a process group of their own, which has the terminal while it
    # runs. When one of COMMAND and this process is stopped, so is the other.
    # @api private
    class JobControl
      # The exit status of COMMAND when a key ended it, as in a shell.
      KEYS = { 130 => "INT", 131 => "QUIT" }.freeze
      private_constant :KEYS

      # @return [Terminal, nil] the terminal from which keys are read that are not for COMMAND
      attr_reader :keyboard

      # @param settings [Settings]
      # @param signals [Signals]
      # @param report [Report]
      def initialize(settings, signals, report)
        @settings = settings
        @signals = signals
        @report = report
        open_terminal
        @map = settings[:map_signal].to_h
        signals.listen(@map.keys - Signals::ENDING)
        @command = Command.new(settings, @terminal)
        @orphans = Processes::Orphans.new(settings[:kill_descendants], signals)
        # It gives the terminal back, even when no run has begun.
        @guard = guard if @keyboard
      end

      # (see Command#split)
      def split(records) = @command.split(records)

      # Prints the command lines of a run.
      #
      # @param records [Array<Records::Changed>]
      def print(records)
        loop do
          part, records = split(records)
          @report.dry(@command.words(part))
          return if records.empty?
        end
      end

      # @param records [Array<Records::Changed>]
      # @return [Job]
      # @raise [Failure] COMMAND cannot be started
      def start(records)
        @guard = guard
        @modes = nil
        @terminal&.lend(@guard.pid)
        @job = Job.new(@command, records, @guard, @signals, subreaper: @orphans.subreaper?)
      rescue Failure
        reclaim
        raise
      end

      # @param name [String] of a signal that was sent to this process
      def forward(name)
        return reap if name == "CHLD"
        return unless @job

        release if name == "TSTP"
        @terminal&.lend(@job.group, @modes) if name == "CONT" && !@job.status
        name = mapped(name)
        @job.signal(name) if name
      end

      # @param name [String] of a signal
      # @return [String, nil] the one that COMMAND gets instead
      def mapped(name) = @map.fetch(name, name)

      # Notices that something has stopped or continued COMMAND. While COMMAND has the terminal, a key stops only
      # COMMAND.
      def follow
        signal = @job.take_stop or return
        return if @job.stopping?

        signal == "CONT" ? @terminal&.lend(@job.group, @modes) : stopped(signal)
      end

      # Takes the terminal back from COMMAND, which has ended, and yields.
      #
      # @param status [Integer] of COMMAND
      # @raise [Signals::Ended] COMMAND had the terminal, and a key ended it
      def ended(status)
        lent = @terminal&.lent?
        reclaim
        yield
        raise Signals::Ended, KEYS.fetch(status) if lent && KEYS.key?(status) && !@job.stopping?
      end

      # For the end of this process.
      def close
        release
        @guard&.dismiss
        @guard = nil
      end

      private

      def open_terminal
        terminal = Terminal.new($stdin) if @settings.keyboard?
        @terminal = terminal if @settings.terminal?
        # In a pipeline, another program may read the keys.
        @keyboard = terminal if $stdout.tty?
      end

      # One guard serves many runs, unless it is killed with one.
      def guard
        return @guard if @guard&.alive?

        @guard&.dismiss
        Processes::Guard.new(@settings[:stop_signal], @settings[:stop_timeout], @terminal || @keyboard)
      end

      def reap
        @orphans.reap([@guard&.pid, (@job.pid unless @job.nil? || @job.status)])
      end

      def reclaim
        @modes = @terminal&.reclaim || @modes
      end

      # Leaves the terminal to others.
      def release
        reclaim
        @keyboard&.unlisten
      end

      def stopped(signal)
        lent = @terminal&.lent?
        release
        @report.stopped(@job, signal, @terminal)
        suspend(lent) unless signal == "STOP" || @terminal.nil?
      end

      def suspend(lent)
        # This process may have come to the foreground meanwhile.
        @signals.suspend if lent || !@terminal.ours?
        forward("CONT") if lent || @terminal.ours?
      end
    end
  end
end
