# frozen_string_literal: true

require "cgi"

module Docs
  # Draws terminals, one below the other, as SVG: animated, or as they are at the end.
  class Picture
    CHARACTER = 8.0
    LINE = 18
    MARGIN = 14
    TITLE = 26
    COLORS = { red: "#ff7b72", green: "#7ee787", yellow: "#e3b341", blue: "#79c0ff", magenta: "#d2a8ff",
               cyan: "#56d4dd" }.freeze
    private_constant :CHARACTER, :LINE, :MARGIN, :TITLE, :COLORS

    # A row of a terminal, when it has this text.
    Piece = Struct.new(:x, :y, :runs, :from, :to)
    private_constant :Piece

    # @param panes [Array<Array(String, Integer, Array<Session::Frame>)>] the title, the rows and the frames of each
    # @param length [Float] seconds
    def initialize(panes, columns, length)
      @panes = panes
      @length = length
      @width = ((columns * CHARACTER) + (2 * MARGIN)).round
      @height = panes.sum { |_, rows, _| TITLE + (rows * LINE) + MARGIN }
    end

    # @return [String] which begins again at its end; without motion for those who do not want any
    def animated
      shown = pieces
      last, moving = shown.partition { |piece| piece.from.zero? && piece.to == @length }
      styles = moving.each_with_index.map { |piece, i| keyframes(i, piece) }
      texts = moving.each_with_index.map { |piece, i| text(piece, i, ends: piece.to == @length) }
      svg(<<~STYLE, [*last.map { |piece| text(piece) }, *texts])
        .m { animation-duration: #{@length.round(2)}s; animation-timing-function: step-end; animation-iteration-count: infinite }
        #{styles.join("\n")}
        @media (prefers-reduced-motion: reduce) { .m { animation: none; visibility: hidden } .e { visibility: visible } }
      STYLE
    end

    # @return [String]
    def still = svg("", pieces.select { |piece| piece.to == @length }.map { |piece| text(piece) })

    private

    def pieces
      top = 0
      @panes.flat_map do |_, rows, frames|
        found = rows.times.flat_map { |row| pieces_of(frames, row, top + TITLE + ((row + 0.8) * LINE)) }
        top += TITLE + (rows * LINE) + MARGIN
        found
      end
    end

    # What is in one row, one after the other.
    def pieces_of(frames, row, top)
      shown = frames.map { |frame| [frame.time, frame.rows[row]] }
      changes = shown.chunk_while { |one, next_one| one.last == next_one.last }.map(&:first)
      ends = changes.drop(1).map(&:first) << @length
      pieces = changes.zip(ends).map { |(time, runs), to| Piece.new(MARGIN, top, runs, time, to) }
      pieces.select { |piece| piece.runs&.any? }
    end

    def keyframes(number, piece)
      from, to = [piece.from, piece.to].map { |time| (time / @length * 100).round(2) }
      hidden = "visibility: hidden"
      steps = ["#{from}% { visibility: visible }"]
      steps.unshift("0% { #{hidden} }") if from.positive?
      steps << "#{to}% { #{hidden} }" if to < 100
      "@keyframes k#{number} { #{steps.join(" ")} }"
    end

    def text(piece, number = nil, ends: false)
      length = (piece.runs.sum { |_, run| run.size } * CHARACTER).round(1)
      moving = %( class="m#{" e" if ends}" style="animation-name: k#{number}") if number
      spans = piece.runs.map do |color, run|
        run = CGI.escapeHTML(run)
        color ? %(<tspan fill="#{COLORS.fetch(color)}">#{run}</tspan>) : run
      end
      %(<text x="#{piece.x}" y="#{piece.y.round(1)}" textLength="#{length}"#{moving}>#{spans.join}</text>)
    end

    def svg(style, texts)
      <<~SVG
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 #{@width} #{@height}" width="#{@width}" height="#{@height}">
        <style>
        text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre }
        .t { font-size: 11px; fill: #9198a1 }
        #{style.chomp}
        </style>
        <rect width="#{@width}" height="#{@height}" rx="8" fill="#0d1117"/>
        #{frames_of_panes.join("\n")}
        #{texts.join("\n")}
        </svg>
      SVG
    end

    def frames_of_panes
      top = 0
      @panes.map do |title, rows, _|
        line = %(<rect y="#{top}" width="#{@width}" height="#{TITLE - 6}" fill="#21262d"#{' rx="8"' if top.zero?}/>) +
               %(<text class="t" x="#{MARGIN}" y="#{top + 14}">#{CGI.escapeHTML(title)}</text>)
        top += TITLE + (rows * LINE) + MARGIN
        line
      end
    end
  end
end
