# frozen_string_literal: true

require_relative "../trees/forest"
require_relative "../trees/peer"
require_relative "peer"

module Bench
  # The three figures: events through `process`, a recursive watch of 20,000 directories, and files in directories that
  # are made and filled at once. A ratio is the median of the rounds' ratios: both follow each other in each.
  class RbInotifyComparison
    # What a queue holds without being made larger.
    EVENTS = 16_000
    NAME = 15 # bytes
    DIRECTORIES = 20_000
    FILES = [2, 10].freeze
    NESTED = 200
    SH = "for i in $(seq #{NESTED}); do mkdir -p $i/b/c/d && touch $i/b/c/d/f; done".freeze
    private_constant :SH

    def initialize(report, rounds:)
      @report = report
      @rounds = rounds
    end

    def run
      { "a directory" => "process", "a tree" => "process_tree" }.each { |what, task| process(what, task) }
      FILES.each { |files| tree(files) }
      nested
    end

    private

    def process(what, task)
      samples = compare { |engine| drain(engine, task) }
      tell("events through process, #{what}", samples, "CPU ns" => ->(sample) { sample[:cpu] / EVENTS.to_f })
      at_most("CPU for an event through process, #{what}", samples, :cpu, 40)
    end

    def drain(engine, task)
      Workspace.open do |dir|
        File.write(file = File.join(dir, "n" * NAME), "")
        RbInotifyPeer.open(engine, task, dir, EVENTS * NAME) do |peer|
          peer.reach("made")
          Workspace.write("fill", file, EVENTS / 2)
          peer.go
          peer.result.tap { |result| raise "#{engine} gave #{result}" unless result[:names] == EVENTS * NAME }
        end
      end
    end

    def tree(files)
      what = "recursive watch, #{DIRECTORIES} directories x #{files}"
      samples = Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, files)
        floor(what, dir)
        compare { |engine| RbInotifyPeer.open(engine, "tree", dir, &:result) }
      end
      tell(what, samples, "CPU ms" => ->(sample) { sample[:cpu] / 1e6 },
                          "RSS bytes per watch" => ->(sample) { sample[:rss] * 1024.0 / DIRECTORIES })
      at_most("CPU, #{what}", samples, :cpu, 8)
      at_most("RSS, #{what}", samples, :rss, 10)
    end

    # What the kernel takes for it, and hardly more.
    def floor(what, dir)
      samples = Array.new(@rounds) { TreePeer.open(TreePeer::C, dir, &:cpu) }
      @report.row(what, TreePeer::C, { "CPU ms" => Statistics.median(samples) * 1000 })
    end

    def nested
      samples = compare { |engine| fill(engine) }
      what = "#{NESTED} x mkdir -p a/b/c/d && touch a/b/c/d/f"
      samples.each do |engine, list|
        missed = list.map { |sample| NESTED - sample[:files] }
        @report.row(what, engine, { "missed, fewest" => missed.min, "most" => missed.max })
        @report.aim("missed, #{what}", missed.max, 0) if engine == RbInotifyPeer::OURS
      end
    end

    def fill(engine)
      Forest.open do |dir|
        RbInotifyPeer.open(engine, "nested", dir) do |peer|
          peer.reach("made")
          system("sh", "-c", SH, chdir: dir) || raise("sh failed")
          peer.go
          peer.result
        end
      end
    end

    # The samples of each engine.
    def compare
      samples = Hash.new { |hash, engine| hash[engine] = [] }
      @rounds.times do |round|
        RbInotifyPeer::ENGINES.rotate(round).each { |engine| samples[engine] << yield(engine) }
      end
      samples
    end

    def tell(what, samples, columns)
      samples.each do |engine, list|
        @report.row(what, engine, columns.transform_values { |figure| Statistics.median(list.map(&figure)) })
      end
    end

    # In percent, as the report's aims are limits from above.
    def at_most(text, samples, figure, times)
      ratios = samples[RbInotifyPeer::OURS].zip(samples[RbInotifyPeer::STOCK]).map do |ours, stock|
        100.0 * ours[figure] / stock[figure]
      end
      @report.aim("% of rb-inotify's #{text}", Statistics.median(ratios), 100.0 / times)
    end
  end
end
