# frozen_string_literal: true

module Inotify
  module CLI
    # Starts runs of COMMAND, in a process group with a guard, and with the terminal.
    # @api private
    class Launcher
      # @param settings [Settings]
      # @param signals [Signals]
      # @param control [JobControl]
      def initialize(settings, signals, control)
        @settings = settings
        @signals = signals
        @control = control
        @command = Command.new(settings, control.terminal)
        @orphans = Orphans.new(settings[:kill_descendants], signals)
      end

      # (see Command#split)
      def split(records) = @command.split(records)

      # @param records [Array<Records::Change>]
      # @return [Job]
      # @raise [Failure] it can't be started
      def start(records)
        @guard = guard
        @control.lend(@guard.pid)
        @job = Job.new(@command, records, @guard, @signals, adopted: @orphans.adopted?)
      rescue Failure
        @control.reclaim
        raise
      end

      # (see Command#words)
      def words(records) = @command.words(records)

      # Waits for orphans that have ended.
      def reap
        @orphans.reap([@guard&.pid, (@job.pid unless @job.nil? || @job.status)])
      end

      # Has a guard be there before the first run, for it gives the terminal back.
      def prepare
        @guard = guard if @control.keyboard
      end

      # When nothing runs any more.
      def close
        @control.leave
        @guard&.dismiss
        @guard = nil
      end

      private

      # One serves many runs, unless it is killed with one.
      def guard
        return @guard if @guard&.alive?

        @guard&.dismiss
        Guard.new(@settings[:stop_signal], @settings[:stop_timeout], @control.terminal || @control.keyboard)
      end
    end
  end
end
