# frozen_string_literal: true

module Inotify
  module CLI
    # Runs COMMAND after changes, one run at a time.
    # @api private
    class Runs
      # Changes that wait until COMMAND runs for them.
      class Pending
        # @param settings [Settings]
        # @param notices [Notices]
        # @yield when git has ended its work
        # @yieldreturn [Array<Records::Changed>] all changes until then that the watcher has not delivered
        def initialize(settings, notices, &rest)
          @rest = rest
          @loops = Loops.new(notices, restart: settings[:on_busy] == "restart")
          @git = git_work(settings.paths) if settings[:git_wait]
          @delay = settings[:delay_run]
          @records = []
          @worked = false
          @deadline = Internal::Deadline::PAST
        end

        # Earlier records wait with the new ones.
        #
        # @param records [Array<Records::Changed>]
        # @param job [Job, nil] the run before
        def add(records, job)
          @records += records
          @deadline = Internal::Deadline.after([@loops.delay(records, job), @delay].max)
        end

        # @return [Boolean] whether records wait
        def any? = @records.any?

        # @return [Array<Records::Changed>, nil] all records, when they are due
        def take
          return if @records.empty? || !@deadline.passed?

          wait = @git ? @git.wait : 0
          return wait_for_git(wait) if wait.positive?

          records = @worked ? @records + @rest.call : @records
          @worked = false
          @records = []
          records
        end

        # @return [Numeric, nil] seconds until {#take} returns something
        def remaining = (@deadline.remaining unless @records.empty?)

        private

        def wait_for_git(seconds)
          @worked = true
          @deadline = Internal::Deadline.after(seconds)
          nil
        end

        # Not `git_wait:` of the watcher: a batch may wait for a run to end, and git begin to work meanwhile.
        def git_work(paths) = Internal::GitWork.new(paths.map { |path| File.expand_path(path) })
      end

      # Notices a COMMAND that writes where it watches, and would run without end: several runs in a row that follow
      # only from changes during the run before. Those runs are slowed down.
      class Loops
        # So many runs in a row are no coincidence.
        LIMIT = 3
        # Seconds. A run soon writes its own files. Later changes may be a user's, unless they are always the same.
        SOON = 3
        # The clock of files is behind by so many seconds.
        COARSE = 0.02
        # The longest wait for a run, in seconds.
        LONGEST = 10
        private_constant :LIMIT, :SOON, :COARSE, :LONGEST

        # @param notices [Notices]
        # @param restart [Boolean] whether changes end a run: then users make changes during all runs
        def initialize(notices, restart:)
          @notices = notices
          @restart = restart
          @batches = []
        end

        # @param records [Array<Records::Changed>] a batch
        # @param job [Job, nil] the run before
        # @return [Numeric] how many seconds the next run waits
        def delay(records, job)
          job && during?(records, job) ? @batches << records.map(&:path) : @batches.clear
          return 0 if @batches.size < LIMIT

          report if @batches.size == LIMIT
          [2**(@batches.size - LIMIT), LONGEST].min
        end

        private

        def during?(records, job)
          times = records.map { |record| time(record.path) }
          begun, ended = job.period
          return false unless times.all? { |time| time.between?(begun - COARSE, ended) }

          times.all? { |time| time < begun + SOON } || (!@restart && common(records.map(&:path)).any?)
        end

        # When the entry changed, or the directory it was in.
        def time(path)
          File.lstat(path).ctime
        rescue SystemCallError
          dir = File.dirname(path)
          dir == path ? Time.at(0) : time(dir)
        end

        # The paths that are in all batches.
        def common(paths) = @batches.inject(paths) { |found, batch| found & batch }

        def report
          path = common(@batches.last).first || @batches.last.first
          @notices.error("each run follows from changes during the run before, such as to #{path}; if COMMAND makes " \
                         "them, --ignore #{File.basename(path)}, --on-busy ignore or --gitignore stops that; " \
                         "runs are slower now")
        end
      end

      # What COMMAND has not done yet, with `--since`: the checkpoint is written when nothing is left.
      # @api private
      class Unfinished
        # @param settings [Settings]
        # @param signals [Signals]
        # @param source [TreeChanges]
        def initialize(settings, signals, source)
          @since = settings[:since] && !settings[:dry_run]
          @signals = signals
          @source = source
          @records = []
        end

        # @param records [Array<Records::Changed>] those of a run that failed or was ended
        def add(records)
          @records += records if @since
        end

        # @param records [Array<Records::Changed>]
        # @return [Array<Records::Changed>] those and all unfinished ones, which the next run is for
        def with(records)
          unfinished = @records
          @records = []
          unfinished + records
        end

        # Writes the checkpoint, unless something is unfinished.
        def write_checkpoint
          @signals.interruptible { @source.checkpoint } if @since && @records.empty?
        end
      end

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
        @pending = Pending.new(settings, notices) { signals.interruptible { source.rest } }
        @unfinished = Unfinished.new(settings, signals, source)
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
        return write_checkpoint if records.empty?
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
        @unfinished.add(@current) if @running
        @job.stop(@settings[:stop_signal], @settings[:stop_timeout])
      end

      # Runs it again for the same records.
      def again = run(@unfinished.with(@last || []))

      # @return [Boolean] whether COMMAND runs, or is about to
      def busy? = @running || !@waiting.nil? || @pending.any?

      # @return [Boolean] whether changes now wait, until the next call
      def pause = @paused = !@paused

      # Does what is due: starts runs, and notices their ends.
      def run_due
        @job&.kill_if_due
        @control.follow if @running
        release
        finished if @running && @job.status
        replace if @waiting && @job.gone?
      end

      # @return [Numeric, nil] seconds until {#run_due} is due
      def remaining = [(@job&.remaining if @running || @waiting), @pending.remaining].compact.min

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
          @job.kill_if_due
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
        run(@unfinished.with(records))
      end

      # Nothing is left to do for the changes that were taken.
      def write_checkpoint = (@unfinished.write_checkpoint unless busy? || @rest.any?)

      def enough? = @acted >= (@settings[:count] || Float::INFINITY)

      # A job that cannot be killed is left alone.
      def replace
        @report.survives(@job) unless @job.status
        start(@unfinished.with(@waiting) + @source.take)
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
        @unfinished.add(@current + @rest)
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

        @failed ||= exit_status.nonzero?
        @unfinished.add(@current) unless exit_status.zero?
        return run([]) if @rest.any?

        write_checkpoint
        @status = @failed || 0 if @settings[:exit_with_command]
        @failed = nil
      end

      # Whether changes during the run are dropped.
      def drops_own? = @settings[:on_busy] == "ignore" && @rest.empty? && !@job.stopping?

      # As in a shell.
      def exit_status = @job.status.exitstatus || (128 + @job.status.termsig)
    end
  end
end
