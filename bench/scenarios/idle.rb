# frozen_string_literal: true

require_relative "../lib/scenario"

module Bench
  # What waiting costs while nothing happens. All peers wait at the same time: none of them has anything to do.
  class Idle < Scenario
    MASK = 0x100 # IN_CREATE
    SETTLE = 0.5 # seconds before it counts

    def title = "Idle for #{seconds} s: CPU and wake-ups of all threads"
    def rounds = 1
    def peers(_case) = [C_EVENTS, WATCH_EVENTS, EACH, RB_EVENTS]
    def columns = { "CPU µs" => :cpu, "wake-ups" => :wakeups }
    def main = :cpu
    def ratios = []

    def run
      Workspace.open { |dir| waiting(peers(""), dir) }
      super
    end

    def sample(_case, peer) = @figures.fetch(peer)

    private

    def seconds = quick ? 3 : 10

    # Starts a child for each peer, then looks at them all.
    def waiting(peers, dir, children = {}, &block)
      peer, *others = peers
      return measure(children) unless peer

      Child.open("idle", peer, dir, MASK) do |child|
        child.begin
        waiting(others, dir, children.merge(peer => child), &block)
      end
    end

    def measure(children)
      sleep SETTLE
      before = children.transform_values { |child| used(child.pid) }
      sleep seconds
      @figures = children.to_h do |peer, child|
        cpu, wakeups = used(child.pid).zip(before[peer]).map { |now, earlier| now - earlier }
        [peer, { cpu: cpu / 1000.0, wakeups: wakeups }]
      end
    end

    # CPU time in nanoseconds, and how often a thread was given a processor.
    def used(pid)
      threads = Dir["/proc/#{pid}/task/*/schedstat"].map { |file| File.read(file).split.map(&:to_i) }
      [threads.sum(&:first), threads.sum(&:last)]
    end
  end
end
