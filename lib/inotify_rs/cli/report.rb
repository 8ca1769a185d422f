# frozen_string_literal: true

module Inotify
  module CLI
    # Reports why COMMAND runs, how long it ran, and how it ended.
    # @api private
    class Report
      # So many changes are named.
      SHOWN = 5
      private_constant :SHOWN

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @clear = settings[:clear]
        @bell = settings[:bell]
        @notify = settings[:notify]
        @notices = notices
      end

      # Before a run.
      #
      # @param records [Array<Records::Changed>] it runs for these
      # @param rest [Array<Records::Changed>] further runs follow for these
      def begin(records, rest)
        explain(records, rest)
        @clear ? Text.clear($stdout) : $stdout.flush
      rescue SystemCallError
        # The standard output is closed.
      end

      # Instead of a run.
      #
      # @param words [Array<String>] the command line
      def dry(words)
        $stdout.write("#{Job.text(words)}\n")
        $stdout.flush
      end

      # After a run.
      #
      # @param job [Job]
      def end(job)
        status = job.status
        how = status.signaled? ? "ended by SIG#{Signal.signame(status.termsig)}" : "status #{status.exitstatus}"
        text = "#{job}: #{how} after #{format("%.2f", job.seconds)} s"
        @notices.say(text, status.success? ? :green : :red)
        @notices.bell if @bell
        notify(text, status.success? ? "low" : "critical") if @notify
      end

      # When COMMAND is stopped.
      #
      # @param job [Job]
      # @param signal [String]
      # @param terminal [Boolean] whether COMMAND may have the terminal
      def stopped(job, signal, terminal)
        cure = if %w[TTIN TTOU].include?(signal)
                 terminal ? "it needs the terminal: `fg` gives it" : "it needs a terminal and has none here"
               else
                 "`kill -CONT -- -#{job.group}` continues it"
               end
        @notices.error("#{job}: stopped by SIG#{signal}; #{cure}")
      end

      # When it cannot be killed.
      #
      # @param job [Job]
      def survives(job)
        @notices.error("#{job} cannot be ended, not even by SIGKILL: is it another user's?")
      end

      private

      # Why it runs.
      def explain(records, rest)
        return @notices.detail("runs at the start") if records.empty?

        shown = records.first(SHOWN).map { |record| "#{record.type} #{record.path}" }
        more = " and #{records.size - SHOWN} more" if records.size > SHOWN
        @notices.detail("runs for #{shown.join(", ")}#{more}")
        @notices.detail("runs again for #{rest.size} paths: a command line holds no more") unless rest.empty?
      end

      # A notification of the desktop, by notify-send(1).
      def notify(text, urgency)
        pid = spawn("notify-send", "--urgency", urgency, "inotify_rs", text,
                    in: File::NULL, out: File::NULL, err: File::NULL)
        Process.detach(pid)
      rescue SystemCallError
        @notices.error("--notify needs the program notify-send")
        @notify = false
      end
    end
  end
end
