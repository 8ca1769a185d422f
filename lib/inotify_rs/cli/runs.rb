# frozen_string_literal: true

module Inotify
  module CLI
    # Runs the command after changes, one at a time.
    # @api private
    class Runs
      # How many batches it has acted on; who has the terminal; the exit status, where it is the command's and the
      # command has ended by itself.
      attr_reader :acted, :control, :status

      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      # @param source [Changes]
      def initialize(settings, notices, signals, source)
        @settings = settings
        @notices = notices
        @signals = signals
        @source = source
        @report = Report.new(settings, notices)
        @control = JobControl.new(settings, signals, @report)
        @launcher = Launcher.new(settings, signals, @control)
        @launcher.prepare
        @loops = Loops.new(notices, settings[:on_busy] == "restart")
        prepare
      end

      # @return [Boolean] whether it wants to know of changes now. What it doesn't is kept, and merged, by the watcher
      def listening?
        return false if @waiting || @paused || enough?

        !busy? || %w[restart signal].include?(@settings[:on_busy])
      end

      # Acts on changes.
      #
      # @param records [Array<Records::Change>]
      def changed(records)
        return if records.empty?
        return send_signal if busy? && @settings[:on_busy] == "signal"

        @held.add(records, [@loops.delay(records, @job), @settings[:delay_run]].max)
        release
      end

      # Runs the command when nothing is left of the run before, which is ended if need be.
      def run(records)
        records = @last = @rest + records
        return start(records) if @job.nil? || @job.gone?

        @rest = []
        @waiting = records
        @job.stop(@settings[:stop_signal], @settings[:stop_timeout])
      end

      # Runs it again for the same.
      def again = run(@last || [])

      # @return [Boolean] whether changes wait now, until the next call
      def pause = @paused = !@paused

      # Looks after what runs.
      def tend
        @job&.press
        @control.attend(@job) if @running
        release
        finished if @running && @job.status
        replace if @waiting && @job.gone?
      end

      # @return [Numeric, nil] seconds until {#tend} is to be called
      def remaining
        [(@job&.remaining if busy? || @waiting), @held.remaining].compact.min
      end

      # @param name [String] of a signal that was sent to this process
      def forward(name)
        return @launcher.reap if name == "CHLD"

        @control.forward(name, @job) if @job
      end

      # @return [Boolean] whether as many batches were acted on as are asked for, and it has ended
      def done? = enough? && !busy? && !@waiting

      # Ends what runs and what it left running. A second signal that ends kills it.
      def finish(signal)
        signal = @control.mapped(signal) || signal
        bring_to_end(signal) unless @job.nil? || @job.gone?
        @launcher.close
      end

      private

      def prepare
        @acted = 0
        # What waits for the end of the run before, what is left of a batch, and what waits for its time.
        @waiting = nil
        @rest = []
        @held = Held.new
        @git = GitWork.new(@settings.paths) if @settings[:git_wait]
      end

      def bring_to_end(signal)
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

      # Runs for what is held back, when its time has come.
      def release
        records = @held.take { @git ? @git.wait : 0 } or return

        @acted += 1
        run(records)
      end

      def busy? = @running

      def enough? = @acted >= (@settings[:count] || Float::INFINITY)

      # What could not be ended is left alone.
      def replace
        @report.survives(@job) unless @job.status
        start(@waiting + @source.take)
      end

      def start(records)
        @waiting = nil
        records, @rest = @launcher.split(records)
        return @report.dry(@launcher.words(records)) if @settings[:dry_run]

        @report.begin(records, @rest)
        launch(records)
      end

      def launch(records)
        @job = @launcher.start(records)
        @running = true
      rescue Failure => e
        not_started(e)
      end

      # The first time, a command that can't be started is an error. Later it may be in the making.
      def not_started(failure)
        @rest = []
        raise failure unless @job

        @status = failure.status if @settings[:exit_with_command]
        @notices.error(failure.message)
      end

      def finished
        @running = false
        @control.ended(@job, exit_status) { conclude }
      end

      # The exit status is that of the first part that failed.
      def conclude
        # When it is reported, what happens next counts.
        @signals.interruptible { @source.rest } if ignores_own?
        @report.end(@job)
        return if @job.stopping?

        @failed ||= exit_status unless exit_status.zero?
        return run([]) if @rest.any?

        @status = @failed || 0 if @settings[:exit_with_command]
        @failed = nil
      end

      # Whether what happened while it ran is dropped.
      def ignores_own? = @settings[:on_busy] == "ignore" && @rest.empty? && !@job.stopping?

      # As a shell has it.
      def exit_status = @job.status.exitstatus || (128 + @job.status.termsig)
    end
  end
end
