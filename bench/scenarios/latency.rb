# frozen_string_literal: true

require "fileutils"

require_relative "../lib/scenario"

module Bench
  # From write(2) in another process to the block, for events that come one by one.
  class Latency < Scenario
    MASK = 0x2 # IN_MODIFY
    QUIET = "quiet"
    BUSY = "beside a busy Ruby thread"
    STORM = "beside a storm"
    # Microseconds between events: longer than any gathering; beside a thread, than its quantum of 100 ms.
    PAUSES = { QUIET => 4_000, BUSY => 130_000, STORM => 4_000 }.freeze
    # Events of a sample, and of a quick one.
    TOTALS = { QUIET => [200, 100], BUSY => [8, 5], STORM => [100, 50] }.freeze
    PEERS = { QUIET => [KERNEL, C_EVENTS, WATCH_EVENTS, EACH, WATCHER, RB_EVENTS],
              BUSY => [C_EVENTS, WATCH_EVENTS, EACH, WATCHER, RB_EVENTS],
              STORM => [EACH, WATCHER] }.freeze
    # Files that the storm writes at most: it ends with the sample, after a second or less.
    FILES = 150_000

    def title = "Latency: from write(2) in another process to the block, in µs"
    def rounds = quick ? 3 : 15
    def cases = PAUSES.keys
    def peers(kase) = PEERS.fetch(kase)
    def columns = { "median" => :median, "99 %" => :p99 }
    def main = :median

    def sample(kase, peer)
      latencies = latencies(kase, peer, TOTALS.fetch(kase)[quick ? 1 : 0]).map { |nanoseconds| nanoseconds / 1000.0 }
      { median: Statistics.median(latencies), p99: Statistics.percentile(latencies, 99) }
    end

    private

    def latencies(kase, peer, total)
      Workspace.open do |dir|
        watched = prepare(dir, kase)
        File.write(stamps = File.join(dir, "stamps"), "")
        Child.open("latency", peer, watched, MASK, *arguments(kase, peer, total, stamps)) do |child|
          child.begin
          beside_storm(kase, watched) { Workspace.write("stamps", stamps, watched, total, PAUSES[kase]) }
          child.result[:latencies]
        end
      end
    end

    # The files are there: that they are created is not measured.
    def prepare(dir, kase)
      watched = File.join(dir, "watched")
      FileUtils.mkdir_p([watched, *("#{watched}.storm" if kase == STORM)])
      FileUtils.touch(%w[0 1].map { |name| File.join(watched, name) })
      watched
    end

    def beside_storm(kase, watched)
      storm = Workspace.spawn_writer("storm", "#{watched}.storm", FILES) if kase == STORM
      yield
    ensure
      if storm
        Process.kill(:KILL, storm)
        Process.wait(storm)
      end
    end

    def arguments(kase, peer, total, stamps)
      return [total, stamps] unless peer.ruby?

      [stamps, total, kase == BUSY ? "busy" : "alone"]
    end
  end
end
