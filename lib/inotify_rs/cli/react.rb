# frozen_string_literal: true

module Inotify
  module CLI
    # Runs a command after changes, until it is enough.
    # @api private
    class React
      # These go to the command, too.
      FORWARDED = %w[USR1 USR2 WINCH TSTP CONT].freeze
      private_constant :FORWARDED

      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      def initialize(settings, notices, signals)
        @settings = settings
        @signals = signals
        @source = Changes.new(settings, notices)
        @runs = Runs.new(settings, notices, signals, @source)
        @keys = Keys.new(@runs.control, @runs, notices)
        @readiness = Readiness.new(notices, settings[:ready_fd])
        signals.listen(FORWARDED)
      end

      # @return [Integer] the exit status
      def run
        @signals.interruptible { @source.open }
        @readiness.tell(@source.summary)
        @runs.run(@settings[:initial] ? @source.initial : []) unless @settings[:postpone]
        react
      rescue Signals::Ended => e
        @runs.finish(e.signal)
        raise
      ensure
        @runs.finish(@settings[:stop_signal])
        @source.close
      end

      private

      def react
        deadline = Internal::Deadline.after(@settings[:timeout])
        until @runs.status || @runs.done?
          return timed_out if deadline.passed?

          wait(deadline)
          @runs.tend
          @runs.changed(@source.take) if @runs.listening?
        end
        @runs.status || DONE
      end

      def wait(deadline)
        seconds = [deadline.remaining, @runs.remaining].compact.min
        changes = @runs.listening? ? [@source.io] : []
        @signals.wait(seconds, *@keys.ios, *changes)
        @signals.check { |name| forward(name) }
        @keys.obey
      end

      # Ctrl-Z stops this process and the command.
      def forward(name)
        @runs.forward(name)
        Process.kill(:STOP, Process.pid) if name == "TSTP"
      end

      def timed_out = @runs.acted >= (@settings[:count] || 1) ? DONE : TIMED_OUT
    end
  end
end
