# frozen_string_literal: true

require_relative "../lib/scenario"

module Bench
  # Another process makes files as fast as it can; the queue is as long as it is by default.
  class Storm < Scenario
    MASK = 0x100 | 0x2 | 0x8 # IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE
    FILES = 100_000
    EVENTS = 3 * FILES
    NAME = 15 # bytes

    def title = "Storm: another process creates, writes and closes #{FILES} files; three events each"
    def rounds = quick ? 2 : 7
    def peers(_case) = [KERNEL, C_NAMES, WATCH_NAMES, RB_NAMES]
    def columns = { "CPU µs per file" => :cpu, "events lost, worst" => :lost }
    def main = :cpu

    # The worst counts: events must not be lost at any time.
    def figure(kase, peer, figure = main) = figure == :lost ? figures(kase, peer, :lost).max : super

    def sample(_case, peer)
      Workspace.open do |dir|
        result = storm(peer, dir)
        # An overflow is told by an event too; it has no name.
        lost = EVENTS - (result[:bytes] / NAME)
        { cpu: result[:cpu] / 1000.0 / FILES, lost: lost }
      end
    end

    private

    def storm(peer, dir)
      Child.open("storm", peer, dir, MASK, EVENTS) do |child|
        child.begin
        Workspace.write("storm", dir, FILES)
        child.result
      end
    end
  end
end
