# frozen_string_literal: true

module Inotify
  module CLI
    # Runs COMMAND after changes, until an option ends it.
    # @api private
    class React
      # COMMAND gets these, too.
      FORWARDED = %w[USR1 USR2 WINCH TSTP CONT].freeze
      private_constant :FORWARDED

      # @param settings [Settings]
      # @param notices [Notices]
      # @param signals [Signals]
      def initialize(settings, notices, signals)
        @settings = settings
        @notices = notices
        @signals = signals
        @source = TreeChanges.new(settings, notices)
        @runs = Runs.new(settings, notices, signals, @source)
        @keys = Keys.new(@runs, notices)
        signals.listen(FORWARDED)
      end

      # @return [Integer] the exit status
      def run
        @signals.interruptible { @source.open }
        @notices.ready(@source.summary)
        begin_runs
        react
      rescue Signals::Ended => e
        @runs.finish(e.signal)
        raise
      ensure
        @runs.finish(@settings[:stop_signal])
        @source.close
      end

      private

      # With --since, COMMAND runs only if something changed.
      def begin_runs
        return @runs.changed(@source.first) if @settings[:since]

        @runs.run(@settings[:initial] ? @source.initial : []) unless @settings[:postpone]
      end

      def react
        deadline = Internal::Deadline.after(@settings[:timeout])
        until @runs.status || @runs.done?
          return timed_out if deadline.passed? && !(@settings[:since] && @runs.busy?)

          wait(deadline)
          @runs.run_due
          @runs.changed(@source.take) if listening?(deadline)
        end
        @runs.status || DONE
      end

      # Whether changes are taken now. A run that --since began may last longer than --timeout.
      def listening?(deadline) = @runs.listening? && !deadline.passed?

      def wait(deadline)
        seconds = [(deadline.remaining unless deadline.passed?), @runs.remaining].compact.min
        changes = listening?(deadline) ? [@source.io] : []
        @signals.wait(seconds, *@keys.ios, *changes)
        @signals.check { |name| forward(name) }
        @keys.read
      end

      # Ctrl-Z stops this process and COMMAND.
      def forward(name)
        @runs.control.forward(name)
        Process.kill(:STOP, Process.pid) if name == "TSTP"
      end

      def timed_out = @runs.acted >= (@settings[:count] || 1) ? DONE : TIMED_OUT

      # The keys that are typed while COMMAND does not have the terminal.
      class Keys
        HELP = "r runs COMMAND again, p pauses, c clears the screen, q quits, ? lists the keys"
        # So many bytes are read at once.
        MOST = 64
        private_constant :HELP, :MOST

        # @param runs [Runs]
        # @param notices [Notices]
        def initialize(runs, notices)
          @terminal = runs.control.keyboard
          @runs = runs
          @notices = notices
        end

        # @return [Array<IO>] readable when a key was typed; empty while keys are for others
        def ios
          @terminal&.listen ? [@terminal.io] : []
        end

        # Acts on the keys that were typed.
        #
        # @raise [Signals::Quit]
        def read
          typed.each_char { |key| act_on(key) }
        end

        private

        def typed
          # Not read_nonblock: it makes the terminal non-blocking for other processes, too.
          ios.any? && IO.select(ios, nil, nil, 0) ? @terminal.io.sysread(MOST) : ""
        rescue SystemCallError, EOFError
          # The terminal is closed: SIGHUP follows.
          ""
        end

        def act_on(key)
          case key
          when "r" then @runs.again
          when "p" then @notices.say(@runs.pause ? "paused; p continues" : "continues")
          when "c" then Text.clear($stdout)
          when "q" then raise Signals::Quit
          when "?", "h" then @notices.say(HELP)
          when "\n" then @notices.line_feed
          end
        end
      end
    end
  end
end
