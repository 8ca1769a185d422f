# frozen_string_literal: true

require_relative "forest"
require_relative "peer"

module Bench
  # A queue that overflowed while the process was stopped: what it takes to find 30,000 changes by looking, against
  # find.
  class TreeOverflow
    DIRECTORIES = 1000
    FILES = 30

    def initialize(report, quick)
      @report = report
      @rounds = quick ? 3 : 7
    end

    def run
      samples = Array.new(@rounds) { sample }
      ours, find, missed, overflows = samples.transpose
      @report.row("overflow of #{DIRECTORIES * FILES} changes", TreePeer::OURS,
                  { "ms" => Statistics.median(ours) * 1000, "find ms" => Statistics.median(find) * 1000,
                    "missed" => missed.max, "overflows" => overflows.min })
      @report.aim("repair / find -printf %C@", Statistics.median(ours.zip(find).map { |a, b| a / b }), 2)
      @report.aim("changes missed after an overflow", missed.max, 0)
    end

    private

    def sample
      Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, FILES)
        TreePeer.open(TreePeer::OURS, dir, debounce: 60) do |peer|
          result = repair(peer, dir)
          [result[:took], find(dir), (DIRECTORIES * FILES) - result[:files], result[:stats][:overflows]]
        end
      end
    end

    # Every file is opened, written and closed while nobody reads the queue.
    def repair(peer, dir)
      peer.signal(:STOP)
      Forest.grow(dir, DIRECTORIES, FILES)
      peer.tell("report")
      peer.signal(:CONT)
      peer.answer
    end

    def find(dir)
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      Forest.run("find", dir, "-printf", "%C@ %p\\n")
      Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
    end
  end
end
