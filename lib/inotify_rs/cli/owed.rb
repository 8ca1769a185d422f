# frozen_string_literal: true

module Inotify
  module CLI
    # What COMMAND has not done yet, with `--since`: the checkpoint is written when nothing is left.
    # @api private
    class Owed
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
      # @return [Array<Records::Changed>] those and all that are owed, which the next run is for
      def with(records)
        owed = @records
        @records = []
        owed + records
      end

      # Writes the checkpoint, unless something is owed.
      def settle
        @signals.interruptible { @source.checkpoint } if @since && @records.empty?
      end
    end
  end
end
