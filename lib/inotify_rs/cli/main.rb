# frozen_string_literal: true

require "inotify_rs"

module Inotify
  module CLI
    # Does what the arguments ask for, and makes an exit status of how it ended.
    # @api private
    class Main
      # @param arguments [Array<String>]
      # @return [Integer] the exit status
      def self.run(arguments) = new.run(arguments)

      def initialize
        @notices = Notices.new
      end

      def run(arguments)
        act(arguments)
      rescue Signals::Ended => e
        Signals.die_by(e.signal)
      rescue Output::ReaderLeft, Errno::EPIPE
        Signals.die_by("PIPE")
      rescue Failure => e
        fail_with(e.message, e.status)
      rescue SystemCallError, IOError => e
        # Without the name of the function in Ruby's own source: "… @ io_write - <STDOUT>".
        fail_with(e.message.sub(/ @ \w+ -/, " -"), FAILED)
      end

      private

      def act(arguments)
        return tell(ManPage.new(Options::MAIN).text) if arguments == ["man"]
        return tell(Completion.script(arguments.drop(1))) if arguments.first == "completion"

        doctor = arguments.first == "doctor"
        settings = Settings.parse(*doctor ? [arguments.drop(1), Options::DOCTOR] : [arguments])
        return tell(settings.help) if settings[:help]
        return tell("inotify_rs #{VERSION}\n") if settings[:version]

        doctor ? examine(settings) : watch(settings)
      end

      def examine(settings)
        signals = Signals.new
        signals.interruptible { Doctor.new(settings, Output.new(signals)).run }
      end

      def watch(settings)
        @notices = Notices.new(quiet: settings[:quiet], verbose: settings[:verbose])
        signals = Signals.new
        signals.quit_after($stdin) if settings[:stdin_quit]
        (settings.command ? React : Show).new(settings, @notices, signals).run
      rescue Signals::Quit
        DONE
      end

      def tell(text)
        $stdout.write(text)
        $stdout.flush
        DONE
      end

      def fail_with(message, status)
        @notices.error(message)
        status
      end
    end
  end
end
