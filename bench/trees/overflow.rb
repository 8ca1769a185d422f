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
      middle = middle_of(samples)
      @report.row("overflow of #{DIRECTORIES * FILES} changes", TreePeer::OURS,
                  { "ms" => middle[:took], "CPU ms" => middle[:cpu], "find ms" => middle[:find_took],
                    "find CPU ms" => middle[:find_cpu], "overflows" => middle[:overflows] })
      ratios = samples.map { |it| it[:took] / it[:find_took] }
      @report.aim("repair / find -printf %C@", Statistics.median(ratios), 2)
      @report.aim("changes missed after an overflow", samples.map { |it| it[:missed] }.max, 0)
    end

    private

    def middle_of(samples)
      samples.first.keys.to_h { |name| [name, Statistics.median(samples.map { |it| it[name] })] }
    end

    # Times in milliseconds.
    def sample
      Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, FILES)
        TreePeer.open(TreePeer::OURS, dir, debounce: 60) do |peer|
          repair(peer, dir).merge(find(dir))
        end
      end
    end

    # Every file is opened, written and closed while nobody reads the queue.
    def repair(peer, dir)
      peer.signal(:STOP)
      Forest.grow(dir, DIRECTORIES, FILES)
      peer.tell("report")
      before = peer.cpu_used
      peer.signal(:CONT)
      result = peer.result
      { took: result[:took] * 1000, cpu: (peer.cpu_used - before) * 1000,
        missed: (DIRECTORIES * FILES) - result[:files], overflows: result[:stats][:overflows] }
    end

    def find(dir)
      start = [Process.clock_gettime(Process::CLOCK_MONOTONIC), Process.times]
      Forest.run("find", dir, "-printf", "%C@ %p\\n")
      took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start[0]
      times = Process.times
      cpu = times.cutime + times.cstime - start[1].cutime - start[1].cstime
      { find_took: took * 1000, find_cpu: cpu * 1000 }
    end
  end
end
