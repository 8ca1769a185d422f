# frozen_string_literal: true

module Docs
  # The screen of a terminal: lines of characters with a colour each. It obeys what shells and this project's programs
  # send: line feeds, returns, backspaces, colours, and clearing a line or the screen.
  class Screen
    SEQUENCE = /\e\[[?\d;]*[A-Za-z]|\e[=>]|\e\][^\a]*\a|[\r\n\b\a]|[^\e\r\n\b\a]+/
    # Of "ESC [ 31 m".
    COLORS = { 31 => :red, 32 => :green, 33 => :yellow, 34 => :blue, 35 => :magenta, 36 => :cyan }.freeze
    private_constant :SEQUENCE, :COLORS

    def initialize(rows)
      @rows = rows
      @lines = [[]]
      @column = 0
      @color = nil
    end

    # @return [Array<Array(Symbol, String)>] for each visible row, its runs of one colour
    def rows
      @lines.last(@rows).map do |line|
        runs = line.slice_when { |one, next_one| one.last != next_one.last }
        runs.map { |cells| [cells.first.last, cells.map(&:first).join] }
      end
    end

    def write(text)
      text.scan(SEQUENCE) { |part| obey(part) }
    end

    private

    def obey(part)
      case part
      when "\n" then @lines << []
      when "\r" then @column = 0
      when "\b" then @column -= 1
      when /\A\e\[([\d;]*)m/ then color(Regexp.last_match(1))
      when "\e[K" then @lines.last.slice!(@column..)
      when "\e[2J" then clear
      when /\A[\e\a]/ then nil
      else print(part)
      end
    end

    def color(codes)
      codes = codes.split(";").map(&:to_i)
      @color = nil if codes.empty? || codes.include?(0)
      @color = COLORS[codes.last] if COLORS.key?(codes.last)
    end

    def clear
      @lines = [[]]
      @column = 0
    end

    def print(text)
      text.each_char do |char|
        # A line feed does not return.
        @lines.last << [" ", nil] while @lines.last.size < @column
        @lines.last[@column] = [char, @color]
        @column += 1
      end
    end
  end
end
