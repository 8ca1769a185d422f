# frozen_string_literal: true

module Bench
  # Who does what is expected, as a Markdown table, with the reasons where somebody does not.
  class SituationsReport
    WORDS = { right: "yes", wrong: "no", none: "–" }.freeze
    private_constant :WORDS

    # @param situations [Array<Situations::Situation>]
    # @param results [Hash{Peers::Peer => Hash{Situations::Situation => Array(Symbol, String)}}]
    def initialize(situations, results)
      @situations = situations
      @results = results
    end

    def to_s = [*table, "", *reasons].join("\n")

    private

    def table
      rows = [["situation", *@results.keys.map { |peer| "#{peer.name} #{peer.version}" }], *rows_of_situations, sums]
      widths = rows.transpose.map { |cells| cells.map(&:length).max }
      lines = rows.map { |row| "| #{row.zip(widths).map { |cell, width| cell.ljust(width) }.join(" | ")} |" }
      lines.insert(1, "| #{widths.map { |width| "-" * width }.join(" | ")} |")
    end

    def rows_of_situations
      @situations.map { |situation| [situation.name, *@results.values.map { |found| WORDS[found[situation].first] }] }
    end

    def sums
      ["of #{@situations.size}", *@results.values.map { |found| found.values.count { |word, _| word == :right }.to_s }]
    end

    def reasons
      @results.flat_map do |peer, found|
        found.filter_map do |situation, (word, why)|
          "- #{peer.name}, #{situation.name}: #{why}." if word == :wrong
        end
      end
    end
  end
end
