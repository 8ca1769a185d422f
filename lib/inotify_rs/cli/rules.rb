# frozen_string_literal: true

require "rbconfig"

module Inotify
  module CLI
    # The rules in `.inotify_rs.yml`: names, and what each rule watches and runs.
    #
    #   specs:
    #     paths: [app, spec]
    #     exts: [rb]
    #     run: bundle exec rspec
    # @api private
    module Rules
      FILE = ".inotify_rs.yml"
      # A rule, as the arguments of a command line.
      Rule = Struct.new(:name, :arguments)

      module_function

      # @param names [Array<String>] of the rules to read; empty: all
      # @return [Array<Rule>]
      # @raise [Failure] they are wrong
      def read(names)
        rules = load
        unknown = names - rules.keys
        raise Failure.usage("#{FILE} has no rule #{unknown.first}; it has #{rules.keys.join(", ")}") if unknown.any?

        rules = rules.slice(*names) unless names.empty?
        rules.map { |name, entries| Parser.new(name, entries).rule }
      end

      def load
        require "yaml"
        rules = YAML.safe_load(File.read(FILE))
        return rules.transform_keys(&:to_s) if rules.is_a?(Hash) && rules.any?

        raise Failure, "#{FILE}: it has no rules: `NAME:` with `paths:` and `run:` below"
      rescue SystemCallError, Psych::Exception => e
        raise Failure, "#{FILE}: #{Failure.text(e)}"
      end
      private_class_method :load

      # Makes a rule of its entries in the file.
      class Parser
        # Options that {Supervisor} sets.
        RESERVED = %i[ready_fd tty stdin_quit].freeze
        # Options whose value is a list with commas.
        COMMAS = %i[exts types].freeze
        private_constant :RESERVED, :COMMAS

        def initialize(name, entries)
          @name = name
          @entries = entries.is_a?(Hash) ? entries.transform_keys { |key| key.to_s.tr("-", "_").to_sym } : {}
        end

        # @return [Rule]
        # @raise [Failure] its arguments are wrong
        def rule
          raise Failure, "it needs `paths:` and `run:`" if @entries.empty?

          Settings.parse(arguments)
          Rule.new(@name, arguments)
        rescue Failure => e
          raise Failure.new("#{FILE}: #{@name}: #{e.message}", e.status)
        end

        private

        def arguments
          options = @entries.except(:paths, :run).flat_map { |key, value| option(key, value) }
          run = @entries[:run]
          options << "--shell" if run.is_a?(String)
          [*options, *list(@entries[:paths]), *("--" if run), *list(run)]
        end

        # @return [Array<String>] an option of the command line, repeated for each value
        def option(key, value)
          option = find(key)
          # As on the command line, `no_recursive: true` is `recursive: false`.
          return option(key.to_s.delete_prefix("no_").to_sym, !boolean(key, value)) unless option

          long = "--#{key.to_s.tr("_", "-")}"
          return flag(option, long, boolean(key, value)) unless option.takes

          values = list(value)
          values = [values.join(",")] if COMMAS.include?(key)
          values.map { |it| "#{long}=#{it}" }
        end

        # @return [Option, nil] nil: it is the negation of one
        def find(key)
          raise Failure, "#{key} is only for the command line" if RESERVED.include?(key)

          option = Options::MAIN.options.find { |it| it.key == key }
          raise Failure, "unknown entry #{key}; see `inotify_rs --help`" unless option || key.start_with?("no_")

          option
        end

        def boolean(key, value)
          return value if [true, false].include?(value)

          raise Failure, "#{key.to_s.tr("_", "-")} is true or false, not #{value.inspect}"
        end

        def flag(option, long, value)
          name = option.names.last
          return [value ? long : long.sub("--", "--no-")] if name.start_with?("--[no-]")
          return value ? [] : [name] if name.start_with?("--no-")

          value ? [long] : []
        end

        def list(value) = [*value].map(&:to_s)
      end

      # Runs rules side by side, each in a process of its own, and prints their lines after the names of the rules.
      class Supervisor
        EXE = File.expand_path("../../../exe/inotify_rs", __dir__)
        COLORS = %i[green yellow blue magenta red].freeze
        FORWARDED = %w[USR1 USR2 TSTP CONT].freeze
        private_constant :EXE, :COLORS, :FORWARDED

        # A running rule: the pipe with its output, the start of each printed line, and the last line while it is
        # incomplete.
        Running = Struct.new(:name, :prefix, :io, :waiter, :line)
        private_constant :Running

        # @param rules [Array<Rule>]
        # @param signals [Signals]
        def initialize(rules, signals)
          @rules = rules
          @signals = signals
          @output = Output.new(signals)
          signals.listen(FORWARDED)
        end

        # @return [Integer] the exit status: that of the first rule that failed
        def run
          start_all
          copy
          status
        rescue Signals::Ended => e
          forward(e.signal)
          copy(ending: true)
          raise
        ensure
          @lifeline&.close
        end

        private

        # The processes end when the pipe is closed, even when this process is killed.
        def start_all
          input, @lifeline = IO.pipe
          @running = @rules.each_with_index.map { |rule, index| start(rule, index, input) }
          input.close
        end

        def start(rule, index, input)
          reader, writer = IO.pipe
          pid = spawn(RbConfig.ruby, EXE, "--stdin-quit", *rule.arguments,
                      in: input, out: writer, err: writer, pgroup: true)
          writer.close
          waiter = Thread.new { Process.wait2(pid).last.tap { @signals.wake } }
          waiter[:pid] = pid
          Running.new(rule.name, prefix(rule.name, index), reader, waiter, "".b)
        end

        def prefix(name, index)
          text = "#{name.ljust(@rules.map { |rule| rule.name.length }.max)} | "
          Text.color?(nil, $stdout) ? Text.paint(text, COLORS[index % COLORS.size]) : text
        end

        # Prints until all have ended.
        def copy(ending: false)
          while @running.any? { |it| it.waiter.alive? }
            @signals.wait(nil, *@running.map(&:io).reject(&:closed?))
            ending ? forward(@signals.ending) : @signals.check { |name| forward(name) }
            @running.each { |it| print(it) }
          end
          @running.each { |it| print(it, all: true) }
        end

        def forward(signal)
          return unless signal

          @running.each { |it| Processes.signal(signal, it.waiter[:pid]) if it.waiter.alive? }
          Process.kill(:STOP, Process.pid) if signal == "TSTP"
        end

        # Prints whole lines.
        def print(running, all: false)
          text = running.line << read(running.io)
          text << "\n" if all && !text.empty? && !text.end_with?("\n")
          lines, rest = text.lines.partition { |line| line.end_with?("\n") }
          running.line = rest.join
          @output.write(lines.map { |line| running.prefix.b << line }.join)
        end

        # Reads without waiting.
        def read(io)
          bytes = "".b
          until io.closed?
            case part = io.read_nonblock(65_536, exception: false)
            when String then bytes << part
            when nil then io.close
            else break
            end
          end
          bytes
        end

        def status
          statuses = @running.map { |it| it.waiter.value }
          failed = statuses.find { |status| !status.success? } or return DONE
          failed.exitstatus || (128 + failed.termsig)
        end
      end
    end
  end
end
