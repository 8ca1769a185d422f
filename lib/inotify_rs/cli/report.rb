# frozen_string_literal: true

module Inotify
  module CLI
    # Tells what ran, how long, and how it ended.
    # @api private
    class Report
      # So many changes are told.
      SHOWN = 5
      private_constant :SHOWN

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @clear = settings[:clear]
        @bell = settings[:bell]
        @desktop = Desktop.new(notices) if settings[:notify]
        @notices = notices
      end

      # Before a run.
      #
      # @param records [Array<Records::Change>] what it is about
      # @param rest [Array<Records::Change>] what is left for further runs
      def begin(records, rest)
        explain(records, rest)
        @clear ? Color.clear($stdout) : $stdout.flush
      rescue SystemCallError
        # Nobody looks at it.
      end

      # In place of a run.
      #
      # @param words [Array<String>] what would run
      def dry(words)
        $stdout.write("#{Job.text(words)}\n")
        $stdout.flush
      end

      # After it.
      #
      # @param job [Job]
      def end(job)
        status = job.status
        how = status.signaled? ? "ended by SIG#{Signal.signame(status.termsig)}" : "status #{status.exitstatus}"
        text = "#{job}: #{how} after #{format("%.2f", job.seconds)} s"
        @notices.say(text, status.success? ? :green : :red)
        @notices.bell if @bell
        @desktop&.tell(text, urgent: !status.success?)
      end

      # When it is stopped.
      #
      # @param job [Job]
      # @param signal [String]
      # @param terminal [Boolean] whether it may have the terminal
      def stopped(job, signal, terminal)
        cure = if %w[TTIN TTOU].include?(signal)
                 terminal ? "it needs the terminal: `fg` gives it" : "it needs a terminal and has none here"
               else
                 "`kill -CONT -- -#{job.group}` continues it"
               end
        @notices.error("#{job}: stopped by SIG#{signal}; #{cure}")
      end

      # When it can't be ended.
      #
      # @param job [Job]
      def survives(job)
        @notices.error("#{job} can't be ended, not even by SIGKILL: is it another user's?")
      end

      private

      # Why it runs.
      def explain(records, rest)
        return @notices.detail("runs at the start") if records.empty?

        told = records.first(SHOWN).map { |record| "#{record.type} #{record.path}" }
        more = " and #{records.size - SHOWN} more" if records.size > SHOWN
        @notices.detail("runs for #{told.join(", ")}#{more}")
        @notices.detail("runs again for #{rest.size} paths: a command line holds no more") unless rest.empty?
      end
    end
  end
end
