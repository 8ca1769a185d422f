# frozen_string_literal: true

require_relative "../lib/scenario"

module Bench
  # What it costs to have it: require, a first watch, a first look for events.
  class Load < Scenario
    MASK = 0x100 # IN_CREATE

    def title = "Load: require and a first watch, over bare Ruby"
    def rounds = quick ? 7 : 25
    def peers(_case) = [BARE, C_EVENTS, WATCH_EVENTS, EACH, RB_EVENTS]
    def columns = { "CPU ms" => :cpu, "RSS KiB" => :rss }
    def main = :cpu
    def ratios = []

    def sample(_case, peer)
      Workspace.open do |dir|
        Child.open("load", peer, dir, MASK) do |child|
          result = child.result
          { cpu: result[:cpu] / 1e6, rss: result[:rss] }
        end
      end
    end
  end
end
