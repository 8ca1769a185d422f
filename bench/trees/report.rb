# frozen_string_literal: true

require_relative "../lib/statistics"

module Bench
  # The table of trees.rb: a row for each figure and peer, and what the aims are.
  class TreeReport
    def initialize
      @rows = []
      @aims = []
    end

    # @param cells [Hash] by column
    def row(what, peer, cells)
      @rows << [what, peer, cells.map { |name, value| "#{name} #{number(value)}" }.join(", ")]
      warn(@rows.last.join(": "))
    end

    # An aim: at most so much.
    def aim(text, value, limit) = @aims << [value <= limit ? "met" : "MISSED", number(value), number(limit), text]

    def to_s
      [table(%w[figure watcher measured], @rows), "", table(["aim", "value", "at most", "of"], @aims)].join("\n")
    end

    private

    def number(value)
      return value.to_s unless value.is_a?(Float)

      format(value.abs >= 100 ? "%.0f" : "%.2f", value)
    end

    def table(head, rows)
      widths = [head, *rows].transpose.map { |cells| cells.map(&:length).max }
      lines = [head, widths.map { |width| "-" * width }, *rows]
      lines.map { |cells| "| #{cells.zip(widths).map { |cell, width| cell.ljust(width) }.join(" | ")} |" }
    end
  end
end
