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
        def initialize(settings, notices)
          @loops = Loops.new(notices, restart: settings[:on_busy] == "restart")
          @git = Git.new(settings.paths) if settings[:git_wait]
          @delay = settings[:delay_run]
          @records = []
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

          @deadline = Internal::Deadline.after(@git ? @git.wait : 0)
          return unless @deadline.passed?

          records = @records
          @records = []
          records
        end

        # @return [Numeric, nil] seconds until {#take} returns something
        def remaining = (@deadline.remaining unless @records.empty?)
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

      # Whether git works on watched files: a checkout, rebase or pull is one batch of changes.
      class Git
        # Git has these files in its directory while it works.
        SIGNS = %w[index.lock rebase-merge rebase-apply].freeze
        # Seconds after a move of HEAD, in which more changes follow.
        SETTLING = 0.2
        # Seconds between checks: nothing reports the end of the work.
        INTERVAL = 0.05
        # The longest wait, in seconds: a rebase may wait for its user.
        LONGEST = 10
        private_constant :SIGNS, :SETTLING, :INTERVAL, :LONGEST

        # @param paths [Array<String>] the watched ones
        def initialize(paths)
          @dirs = paths.filter_map { |path| git_dir(File.expand_path(path)) }.uniq
        end

        # @return [Numeric] seconds until the next call is due; 0 when git does not work, or works for too long
        def wait
          return settle unless @dirs.any? { |dir| working?(dir) }

          @deadline ||= Internal::Deadline.after(LONGEST)
          @deadline.passed? ? 0 : INTERVAL
        end

        private

        # The last changes of git's work are reported after it.
        def settle
          worked = @deadline
          @deadline = nil
          worked ? SETTLING : 0
        end

        def working?(dir)
          SIGNS.any? { |name| File.exist?(File.join(dir, name)) } || moved?(dir)
        end

        def moved?(dir)
          Time.now - File.mtime(File.join(dir, "HEAD")) < SETTLING
        rescue SystemCallError
          false
        end

        # The directory of git for the work tree around a path. Linked work trees and submodules have a file `.git`.
        def git_dir(path)
          git = File.join(path, ".git")
          return git if File.directory?(git)
          return File.expand_path(File.read(git)[/\Agitdir: (.*)$/, 1].to_s, path) if File.file?(git)

          git_dir(File.dirname(path)) unless path == "/"
        rescue SystemCallError
          nil
        end
      end
    end
  end
end
