# frozen_string_literal: true

module Inotify
  module CLI
    # When runs of COMMAND are due: the changes that wait for one, and the reasons to wait.
    # @api private
    module Schedule
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
    end
  end
end
