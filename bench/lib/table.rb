# frozen_string_literal: true

require_relative "scenario"

module Bench
  # A scenario's figures as a Markdown table.
  class Table
    def initialize(scenario, kase)
      @scenario = scenario
      @case = kase
    end

    def to_s
      rows = [head, *@scenario.peers(@case).map { |peer| row(peer) }]
      widths = rows.transpose.map { |cells| cells.map(&:length).max }
      lines = rows.map { |cells| line(cells.zip(widths)) { |cell, width| cell.rjust(width) } }
      lines.insert(1, line(widths.zip) { |width,| "#{"-" * (width - 1)}:" }).join("\n")
    end

    private

    def head = [@case.empty? ? @scenario.name : @case, *@scenario.columns.keys, *ratios]

    # Those that have something to be made against.
    def ratios = @scenario.ratios.select { |label| @scenario.base(label, @case, @scenario.peers(@case).last) }

    def row(peer)
      figures = @scenario.columns.values.map { |figure| number(@scenario.figure(@case, peer, figure)) }
      [peer.name.gsub("|", "\\|"), *figures, *ratios.map { |label| ratio(label, peer) }]
    end

    def ratio(label, peer)
      base = @scenario.base(label, @case, peer)
      number(@scenario.ratio(@case, peer, base), "%.2f")
    end

    def number(value, format = nil)
      return "" unless value

      format ||= value.is_a?(Integer) || value.abs >= 100 ? "%d" : "%.2f"
      format(format, format == "%d" ? value.round : value)
    end

    # The first column is a text, the others are numbers.
    def line(cells, &right)
      first, *others = cells.map(&right)
      width = first.length
      first = first.end_with?("-:") ? "-" * width : first.strip.ljust(width)
      "| #{[first, *others].join(" | ")} |"
    end
  end
end
