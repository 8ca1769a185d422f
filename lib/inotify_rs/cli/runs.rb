# frozen_string_literal: true

module Inotify
  module CLI
    # Runs COMMAND after changes, one run at a time.
    # @api private
    class Runs
      # @return [Integer] how many batches it has acted on
      attr_reader :acted
      # @return [JobControl]
      attr_reader :control
      # @return [Integer, nil] the exit status, with `--exit-with-command` after COMMAND has ended by itself
      attr_reader :status

      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      # @param source [TreeChanges]
      def initialize(settings, notices, signals, source)
        @settings = settings
        @notices = notices
        @signals = signals
        @source = source
        @report = Report.new(settings, notices)
        @control = JobControl.new(settings, signals, @report)
        @pending = Schedule::Pending.new(settings, notices) { signals.interruptible { source.rest } }
        @owed = Owed.new(settings, signals, source)
        @acted = 0
        # Records that did not fit the command line of the last run.
        @rest = []
      end

      # @return [Boolean] whether changes are taken now. Until then, the watcher keeps and merges them
      def listening?
        return false if @waiting || @paused || enough?

        !@running || %w[restart signal].include?(@settings[:on_busy])
      end

      # Acts on changes.
      #
      # @param records [Array<Records::Changed>]
      def changed(records)
        return settle if records.empty?
        return send_signal if @running && @settings[:on_busy] == "signal"

        @pending.add(records, @job)
        release
      end

      # Runs COMMAND when no process of the run before is left; those are asked to end.
      #
      # @param records [Array<Records::Changed, Records::Existing>]
      def run(records)
        records = @last = @rest + records
        return start(records) if @job.nil? || @job.gone?

        @rest = []
        # The next run waits for the end of the last one.
        @waiting = records
        @owed.add(@current) if @running
        @job.stop(@settings[:stop_signal], @settings[:stop_timeout])
      end

      # Runs it again for the same records.
      def again = run(@owed.with(@last || []))

      # @return [Boolean] whether COMMAND runs, or is about to
      def busy? = @running || !@waiting.nil? || @pending.any?

      # @return [Boolean] whether changes now wait, until the next call
      def pause = @paused = !@paused

      # Does what is due: starts runs, and notices their ends.
      def tend
        @job&.press
        @control.follow if @running
        release
        finished if @running && @job.status
        replace if @waiting && @job.gone?
      end

      # @return [Numeric, nil] seconds until {#tend} is due
      def remaining
        [(@job&.remaining if @running || @waiting), @pending.remaining].compact.min
      end

      # @return [Boolean] whether `--count` batches were acted on, and the last run has ended
      def done? = enough? && !@running && !@waiting

      # Ends COMMAND and the processes that it left. A second signal kills them.
      #
      # @param signal [String]
      def finish(signal)
        signal = @control.mapped(signal) || @settings[:stop_signal]
        end_job(signal) unless @job.nil? || @job.gone?
        @control.close
      end

      private

      def end_job(signal)
        @job.stop(signal, @settings[:stop_timeout])
        until @job.gone?
          @signals.wait(@job.remaining)
          @job.kill if @signals.ending
          @job.press
        end
        return unless @running

        @job.status ? finished : @report.survives(@job)
      end

      def send_signal
        @acted += 1
        @job.signal(@settings[:signal])
      end

      # Runs for the pending records, when they are due.
      def release
        records = @pending.take or return

        @acted += 1
        run(@owed.with(records))
      end

      # Nothing is left to do for the changes that were taken.
      def settle = (@owed.settle unless busy? || @rest.any?)

      def enough? = @acted >= (@settings[:count] || Float::INFINITY)

      # A job that cannot be killed is left alone.
      def replace
        @report.survives(@job) unless @job.status
        start(@owed.with(@waiting) + @source.take)
      end

      def start(records)
        @waiting = nil
        return dry_run(records) if @settings[:dry_run]

        @current, @rest = @control.split(records)
        @report.begin(@current, @rest)
        @job = @control.start(@current)
        @running = true
      rescue Failure => e
        not_started(e)
      end

      # As if COMMAND succeeded at once.
      def dry_run(records)
        @control.print(records)
        @status = 0 if @settings[:exit_with_command]
      end

      # At the first run, this is an error. Later, the command may be under construction.
      def not_started(failure)
        @owed.add(@current + @rest)
        @rest = []
        raise failure unless @job

        @status = failure.status if @settings[:exit_with_command]
        @notices.error(failure.message)
      end

      def finished
        @running = false
        @control.ended(exit_status) { conclude }
      end

      # The exit status is that of the first part of a run that failed.
      def conclude
        # Changes after the report count.
        drops_own? ? @signals.interruptible { @source.rest } : @source.merge_next
        @report.end(@job)
        return if @job.stopping?

        note_failure unless exit_status.zero?
        return run([]) if @rest.any?

        settle
        @status = @failed || 0 if @settings[:exit_with_command]
        @failed = nil
      end

      def note_failure
        @failed ||= exit_status
        @owed.add(@current)
      end

      # Whether changes during the run are dropped.
      def drops_own? = @settings[:on_busy] == "ignore" && @rest.empty? && !@job.stopping?

      # As in a shell.
      def exit_status = @job.status.exitstatus || (128 + @job.status.termsig)
    end
  end
end
