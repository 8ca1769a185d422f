# frozen_string_literal: true

require_relative "../lib/queue_limit"
require_relative "../lib/scenario"

module Bench
  # What an event costs: a filled queue is emptied. The kernel's part, read(2), is in it.
  class Drain < Scenario
    MASK = 0x20 | 0x10 # IN_OPEN | IN_CLOSE_NOWRITE
    CASES = { "no name" => 0, "name of 15 bytes" => 15, "name of 200 bytes" => 200 }.freeze
    # What a queue holds where its limit can't be raised.
    UNRAISED = 16_000

    def title = "Drain a filled queue: CPU per event, and objects made"
    def rounds = quick ? 3 : 11
    def cases = CASES.keys
    def peers(_case) = [KERNEL, C_NAMES, C_EVENTS, WATCH_NAMES, WATCH_EVENTS, EACH, READ, RB_NAMES, RB_EVENTS]
    def columns = { "CPU ns" => :cpu, "objects" => :objects }
    def main = :cpu

    def sample(kase, peer)
      total = total(peer)
      Workspace.open do |dir|
        file = File.join(dir, "n" * [CASES[kase], 1].max)
        File.write(file, "")
        watched = CASES[kase].zero? ? file : dir
        result = drain(peer, watched, total) { Workspace.write("fill", file, total / 2) }
        check(result, total, CASES[kase], peer)
        { cpu: result[:cpu] / total.to_f, objects: result[:objects]&.fdiv(total)&.round(2) }
      end
    end

    private

    def total(peer)
      wanted = (quick ? 60_000 : 200_000) / (peer.slow? ? 5 : 1)
      QueueLimit.writable? ? wanted : [wanted, UNRAISED].min
    end

    def drain(peer, watched, total)
      Child.open("drain", peer, watched, MASK, total) do |child|
        child.reach("make")
        QueueLimit.raised_to(total + 1) do
          child.go
          child.reach("made")
        end
        yield
        child.go
        child.result
      end
    end

    def check(result, total, name_bytes, peer)
      return if result.values_at(:events, :bytes) == [total, total * name_bytes]

      raise "#{peer.name} gave #{result} where #{total} events with names of #{name_bytes} bytes had happened"
    end
  end
end
