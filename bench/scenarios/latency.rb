# frozen_string_literal: true

require_relative "../lib/scenario"

module Bench
  # From write(2) in another process to the block, for events that come one by one.
  class Latency < Scenario
    MASK = 0x2 # IN_MODIFY
    QUIET = "quiet"
    BUSY = "beside a busy Ruby thread"
    # Microseconds between events: longer than any gathering; beside a thread, than its quantum of 100 ms.
    PAUSES = { QUIET => 4_000, BUSY => 130_000 }.freeze

    def title = "Latency: from write(2) in another process to the block, in µs"
    def rounds = quick ? 3 : 15
    def cases = PAUSES.keys
    def peers(kase) = [(KERNEL if kase == QUIET), C_EVENTS, WATCH_EVENTS, EACH, RB_EVENTS].compact
    def columns = { "median" => :median, "99 %" => :p99 }
    def main = :median

    def sample(kase, peer)
      total = { QUIET => quick ? 100 : 200, BUSY => quick ? 5 : 8 }.fetch(kase)
      latencies = latencies(kase, peer, total).map { |nanoseconds| nanoseconds / 1000.0 }
      { median: Statistics.median(latencies), p99: Statistics.percentile(latencies, 99) }
    end

    private

    def latencies(kase, peer, total)
      Workspace.open do |dir|
        Dir.mkdir(watched = File.join(dir, "watched"))
        File.write(stamps = File.join(dir, "stamps"), "")
        Child.open("latency", peer, watched, MASK, *arguments(kase, peer, total, stamps)) do |child|
          child.begin
          Workspace.write("stamps", stamps, watched, total, PAUSES[kase])
          child.result[:latencies]
        end
      end
    end

    def arguments(kase, peer, total, stamps)
      return [total, stamps] unless peer.ruby?

      [stamps, total, kase == BUSY ? "busy" : "alone"]
    end
  end
end
