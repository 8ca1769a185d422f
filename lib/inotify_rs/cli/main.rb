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
        text = text_for(*arguments)
        return tell(text) if text
        return run_rules(arguments.drop(1)) if rules?(arguments)

        doctor = arguments.first == "doctor"
        settings = Settings.parse(*doctor ? [arguments.drop(1), Options::DOCTOR] : [arguments])
        return tell(settings.help) if settings[:help]
        return tell("inotify_rs #{VERSION}\n") if settings[:version]

        doctor ? examine(settings) : watch(settings)
      end

      # What is printed where nothing is to be watched.
      def text_for(first = nil, *others)
        case first
        when "completion" then Completion.script(others)
        when "man" then ManPage.new(Options::MAIN).text
        when "init" then Init.new.run
        end
      end

      def rules?(arguments) = arguments.first == "run" || (arguments.empty? && File.exist?(Rules::FILE))

      def run_rules(names)
        rules = Rules.read(names)
        RulesRunner.new(rules, Signals.new).run
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
