# frozen_string_literal: true

require "pty"
require_relative "program"

# The command `inotify_rs` as users run it: in pipes, and in a terminal.
module CommandLine
  COMMAND = Program.ruby("-w", File.join(Program::ROOT, "exe/inotify_rs")).freeze

  # What a terminal got so far, and the process that wrote to it.
  Terminal = Struct.new(:screen, :keyboard, :pid, :text) do
    # Reads until the text is in it, or matches; returns the match.
    def see(pattern)
      pattern = Regexp.new(Regexp.escape(pattern)) if pattern.is_a?(String)
      until (match = pattern.match(text))
        screen.wait_readable(Program::LIMIT) || raise("#{pattern.inspect} was not seen in #{text.inspect}")
        text << screen.readpartial(4096)
      end
      match
    end

    def type(keys) = keyboard.write(keys)

    # Reads to the end; returns the exit status.
    def finish
      loop do
        screen.wait_readable(Program::LIMIT) || raise("it did not end; seen: #{text.inspect}")
        text << screen.readpartial(4096)
      end
    rescue EOFError, Errno::EIO
      Process.wait2(pid).last.tap { self.pid = nil }
    end
  end

  # Runs it to its end; returns `out`, `err` and `status`.
  def run_command_line(*arguments, environment: {}, **options)
    Program.run(environment, *COMMAND, *arguments, **options)
  end

  # Runs it beside the block, which begins when it is ready.
  def command_line(*arguments, environment: {}, **options)
    ready, writer = IO.pipe
    Program.start(environment, *COMMAND, "--ready-fd", "9", *arguments, 9 => writer, **options) do |program|
      writer.close
      wait_for_ready(ready, program)
      yield program
    ensure
      # What it runs is in a process group of its own, and does not end by the end of this one's.
      end_gently(program)
    end
  ensure
    [ready, writer].each(&:close)
  end

  # Runs it in a terminal of its own beside the block.
  def in_terminal(*arguments, environment: {})
    screen, keyboard, pid = PTY.spawn(environment, *COMMAND, *arguments)
    terminal = Terminal.new(screen, keyboard, pid, +"")
    yield terminal
  ensure
    [screen, keyboard].compact.each(&:close)
    if terminal&.pid
      end_process(pid)
      Process.wait(pid)
    end
  end

  # The next lines that it prints, so many.
  def lines(program, count) = Array.new(count) { program.line.chomp }

  private

  def end_gently(program)
    program.signal("TERM")
    program.wait
  rescue Errno::ESRCH
    # It has ended.
  end

  def wait_for_ready(ready, program)
    ready.wait_readable(Program::LIMIT) || raise("not ready in time: #{program.err}")
    raise "it is not ready: #{program.err}" unless ready.read == "ready\n"
  end
end

RSpec.configure do |config|
  config.define_derived_metadata(file_path: %r{/spec/cli/}) { |metadata| metadata[:command_line] = true }
  config.include CommandLine, :command_line
end
