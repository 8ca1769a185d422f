# frozen_string_literal: true

module Inotify
  module CLI
    # Does what the arguments ask for, and turns the way it ended into an exit status.
    # @api private
    class Main
      # Words that stand alone.
      ALONE = %w[man help init].freeze
      private_constant :ALONE

      # @param arguments [Array<String>]
      # @return [Integer] the exit status
      def self.run(arguments) = new.run(arguments)

      def initialize
        @notices = Notices.new
      end

      # (see .run)
      def run(arguments)
        check(*arguments)
        act(*arguments)
      rescue Signals::Ended => e
        Signals.die_by(e.signal)
      rescue Output::ReaderLeft, Errno::EPIPE
        Signals.die_by("PIPE")
      rescue Failure => e
        fail_with(e.message, e.status)
      rescue SystemCallError, IOError => e
        fail_with(Failure.text(e), FAILED)
      end

      private

      def check(first = nil, *others)
        return if others.empty? || !ALONE.include?(first)

        raise Failure.usage("#{first} takes no arguments; a path of this name is ./#{first}")
      end

      def act(first = nil, *others)
        case first
        when "completion" then print(Completion.script(others))
        when "man" then print(ManPage.new(Options::MAIN).source)
        when "help" then ManPage.new(Options::MAIN).show
        when "init" then print(Init.new.run)
        when "run" then run_rules(others)
        when "doctor" then examine(Settings.parse(others, Options::DOCTOR))
        when nil then File.exist?(Rules::FILE) ? run_rules([]) : watch(Settings.parse([]))
        else watch(Settings.parse([first, *others]))
        end
      end

      def run_rules(names)
        rules = Rules.read(names)
        Rules::Supervisor.new(rules, Signals.new).run
      end

      def examine(settings)
        print_about(settings) || begin
          signals = Signals.new
          signals.interruptible { Doctor.new(settings, Output.new(signals)).run }
        end
      end

      def watch(settings)
        print_about(settings) || begin
          signals = Signals.new
          signals.quit_after($stdin) if settings[:stdin_quit]
          @notices = Notices.new(settings)
          (settings.command ? React : Show).new(settings, @notices, signals).run
        end
      rescue Signals::Quit
        DONE
      end

      # @return [Integer, nil] the exit status, when help or the version was asked for
      def print_about(settings)
        return print(settings.help) if settings[:help]

        print("inotify_rs #{VERSION}\n") if settings[:version]
      end

      def print(text)
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
