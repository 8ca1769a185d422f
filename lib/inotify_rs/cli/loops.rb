# frozen_string_literal: true

module Inotify
  module CLI
    # Notices a COMMAND that writes where it is watched, and would run without end: runs that follow from nothing but
    # what happened during the run before. They are slowed down.
    # @api private
    class Loops
      # So many in a row are no chance.
      LIMIT = 3
      # What a run writes soon is its own, in seconds. What comes later may be a user's, unless it is always the same.
      SOON = 3
      # The kernel's clock of files is this much behind, in seconds.
      COARSE = 0.02
      # The longest wait for a run, in seconds.
      LONGEST = 10
      private_constant :LIMIT, :SOON, :COARSE, :LONGEST

      # @param notices [Notices]
      # @param restart [Boolean] whether what happens ends a run: then users act during runs all the time
      def initialize(notices, restart)
        @notices = notices
        @restart = restart
        @batches = []
      end

      # @param records [Array<Records::Change>] what happened
      # @param job [Job, nil] the run before
      # @return [Numeric] how many seconds the next run is to wait
      def delay(records, job)
        job && during?(records, job) ? @batches << records.map(&:path) : @batches.clear
        return 0 if @batches.size < LIMIT

        report if @batches.size == LIMIT
        [2**(@batches.size - LIMIT), LONGEST].min
      end

      private

      def during?(records, job)
        moments = records.map { |record| moment(record.path) }
        begun, ended = job.period
        return false unless moments.all? { |moment| moment.between?(begun - COARSE, ended) }

        moments.all? { |moment| moment < begun + SOON } || (!@restart && common(records.map(&:path)).any?)
      end

      # When the entry changed, or the directory where it was.
      def moment(path)
        File.lstat(path).ctime
      rescue SystemCallError
        dir = File.dirname(path)
        dir == path ? Time.at(0) : moment(dir)
      end

      # The paths that were in all batches so far.
      def common(paths) = @batches.inject(paths) { |found, batch| found & batch }

      def report
        path = common(@batches.last).first || @batches.last.first
        @notices.error("each run follows from what happened during the run before, such as to #{path}; if COMMAND " \
                       "does that, --ignore #{File.basename(path)}, --on-busy ignore or --gitignore ends it; " \
                       "it is slower now")
      end
    end
  end
end
