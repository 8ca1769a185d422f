# frozen_string_literal: true

require "pty"
require "io/console"
require "io/wait"
require_relative "screen"

module Docs
  # A shell in a terminal that is typed into, and what is on its screen when.
  class Session
    PROMPT = "$ "
    SHELL = { "PS1" => PROMPT, "TERM" => "xterm", "HISTFILE" => "", "LC_ALL" => "C.UTF-8" }.freeze
    COMMAND = %w[bash --norc --noprofile -i].freeze
    LIMIT = 30
    # Seconds between two keys.
    KEY = 0.04
    private_constant :PROMPT, :SHELL, :COMMAND, :LIMIT, :KEY

    # A picture of the screen: the second it appeared, and its rows.
    Frame = Struct.new(:time, :rows)

    attr_reader :frames

    # @param clock [#call] gives seconds
    # @param environment [Hash{String => String}] of the shell
    def initialize(rows, columns, dir, environment, clock)
      @clock = clock
      @screen = Screen.new(rows)
      @frames = []
      @text = +""
      @output, @keyboard, @pid = PTY.spawn(environment.merge(SHELL), *COMMAND, chdir: dir)
      @output.winsize = [rows, columns]
      begin_empty
    end

    # Types a line as a person does, and waits until the text is seen after it.
    def type(line, seen:, others: [])
      line.each_char do |key|
        @keyboard.write(key)
        watch(KEY, *others)
      end
      @text.clear
      @keyboard.write("\n")
      others.each(&:forget)
      wait(seen, *others)
    end

    def interrupt
      @text.clear
      @keyboard.write("\x03")
      wait(PROMPT)
    end

    # Reads what all of them print for so many seconds.
    def watch(seconds, *others)
      stop = @clock.call + seconds
      while (rest = stop - @clock.call).positive?
        [self, *others].each { |session| session.read(rest / (others.size + 1)) }
      end
    end

    def wait(seen, *others)
      stop = @clock.call + LIMIT
      until seen?(seen) || others.any? { |session| session.seen?(seen) }
        raise "#{seen.inspect} was not seen in #{@text.inspect}" if @clock.call > stop

        watch(0.05, *others)
      end
    end

    def seen?(text) = @text.include?(text)

    def forget = @text.clear

    def read(seconds)
      return unless @output.wait_readable(seconds)

      part = @output.readpartial(65_536).force_encoding(Encoding::UTF_8)
      @text << part
      @screen.write(part)
      note
    end

    def close
      @keyboard.write("exit\n")
      Process.wait(@pid)
      [@output, @keyboard].each(&:close)
    end

    private

    # Without what readline sends around each line.
    def begin_empty
      @keyboard.write("bind 'set enable-bracketed-paste off'; clear\n")
      wait("\e[2J")
      watch(0.3)
      @frames.clear
      note
    end

    def note
      @frames << Frame.new(@clock.call, @screen.rows)
    end
  end
end
