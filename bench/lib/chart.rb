# frozen_string_literal: true

require_relative "peer"

module Bench
  # Draws how many events a second of CPU delivers, as horizontal bars in an SVG of our own making.
  class Chart
    CASE = "name of 15 bytes"
    PEERS = [KERNEL, C_NAMES, WATCH_NAMES, WATCH_EVENTS, EACH, RB_NAMES].freeze
    COLOURS = { "inotify_rs_watch" => "#c0392b", "inotify_rs_instance" => "#c0392b" }.freeze
    GREY = "#8d99a6"
    WIDTH = 720
    LABELS = 220 # left of the bars
    BARS = 380
    ROW = 30
    TOP = 44

    def initialize(drain)
      @rates = PEERS.to_h { |peer| [peer, 1000 / drain.figure(CASE, peer)] }
      @most = @rates.values.max
    end

    def to_s
      <<~SVG
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 #{WIDTH} #{height}" font-family="sans-serif" font-size="14">
        <rect width="#{WIDTH}" height="#{height}" fill="#ffffff"/>
        #{text(16, 26, "Events per second of CPU time, in millions (#{CASE}; the kernel's part included)")}
        #{@rates.keys.each_with_index.map { |peer, index| bar(peer, index) }.join("\n")}
        </svg>
      SVG
    end

    private

    def height = TOP + (ROW * PEERS.size) + 10

    def bar(peer, index)
      y = TOP + (ROW * index)
      length = (BARS * @rates[peer] / @most).round(1)
      [text(16, y + 18, peer.name),
       %(<rect x="#{LABELS}" y="#{y + 4}" width="#{length}" height="20" fill="#{COLOURS.fetch(peer.file, GREY)}"/>),
       text(LABELS + length + 8, y + 18, format("%.2f", @rates[peer]))].join("\n")
    end

    def text(left, bottom, words) = %(<text x="#{left}" y="#{bottom}" fill="#222222">#{words}</text>)
  end
end
