# frozen_string_literal: true

module Inotify
  module CLI
    # Runs rules side by side, each in a process of its own, and prints their lines with their names before them.
    # @api private
    class RulesRunner
      EXE = File.expand_path("../../../exe/inotify_rs", __dir__)
      COLORS = %i[green yellow blue magenta red].freeze
      FORWARDED = %w[USR1 USR2 TSTP CONT].freeze
      private_constant :EXE, :COLORS, :FORWARDED

      # One rule that runs: where its lines come from, what stands before them, and the last line as far as it came.
      Running = Struct.new(:name, :prefix, :io, :waiter, :line)
      private_constant :Running

      # @param rules [Array<Rules::Rule>]
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

      # They end when the pipe is closed: even when this process is killed.
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
        Color.wanted?(nil, $stdout) ? Color.paint(text, COLORS[index % COLORS.size]) : text
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

        @running.each { |it| ProcessGroup.signal(signal, it.waiter[:pid]) if it.waiter.alive? }
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

      # What there is; never waits.
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
