# frozen_string_literal: true

require_relative "forest"
require_relative "peer"

module Bench
  # What watching 20,000 directories costs while nothing happens.
  class TreeIdle
    PEERS = [TreePeer::OURS, TreePeer::INOTIFYWAIT, TreePeer::RB_INOTIFY, TreePeer::LISTEN].freeze

    def initialize(report, quick)
      @report = report
      @seconds = quick ? 3 : 10
    end

    def run
      Forest.open do |dir|
        Forest.grow(dir, 20_000, 2)
        PEERS.each { |name| TreePeer.open(name, dir) { |peer| sample(name, peer) } }
      end
    end

    private

    def sample(name, peer)
      sleep(1)
      cpu = peer.cpu_used
      sleeps = peer.sleeps
      sleep(@seconds)
      cpu = peer.cpu_used - cpu
      sleeps = peer.sleeps - sleeps
      @report.row("idle for #{@seconds} s", name, { "CPU us" => cpu * 1e6, "wake-ups" => sleeps })
      return unless name == TreePeer::OURS

      @report.aim("idle: CPU us", cpu * 1e6, 0)
      @report.aim("idle: wake-ups", sleeps, 0)
    end
  end
end
