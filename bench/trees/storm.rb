# frozen_string_literal: true

require_relative "../lib/statistics"
require_relative "forest"
require_relative "peer"

module Bench
  # 100,000 files written at full speed, into directories that are watched already and into new ones. A batch is one
  # call of the block, where there is one.
  class TreeStorm
    FILES = 100_000
    # Files in a directory.
    SIZES = [10, 100, 1000, FILES].freeze
    # Of the peers that are slower, which are measured once.
    SIZE = 100
    KINDS = %w[existing new].freeze
    SLOW = [TreePeer::RB_INOTIFY, TreePeer::LISTEN, *TreePeer::SCRIPTS].freeze

    def initialize(report, quick)
      @report = report
      @files = quick ? FILES * 3 / 10 : FILES
      @rounds = quick ? 1 : 5
    end

    def run
      SIZES.product(KINDS).each { |size, kind| compare([size, @files].min, kind) }
      SLOW.product(KINDS).each { |name, kind| row(name, SIZE, kind, [sample(name, SIZE, kind)]) }
    end

    private

    # The two take turns, and the first of a round is the second of the next.
    def compare(size, kind)
      peers = [TreePeer::OURS, TreePeer::INOTIFYWAIT]
      rounds = Array.new(@rounds) do |round|
        peers.rotate(round).to_h { |name| [name, sample(name, size, kind)] }
      end
      peers.each { |name| row(name, size, kind, rounds.map { |round| round[name] }) }
      aims("#{size} to a directory, #{kind}", rounds)
    end

    def aims(what, rounds)
      ratios = rounds.map { |round| cpu(round[TreePeer::OURS]) / cpu(round[TreePeer::INOTIFYWAIT]) }
      @report.aim("CPU / inotifywait -r: #{what}", Statistics.median(ratios), 1.0)
      @report.aim("files missed: #{what}", rounds.sum { |round| missed(round[TreePeer::OURS]) }, 0)
    end

    def sample(name, size, kind)
      directories = @files / size
      Forest.open do |dir|
        Forest.grow(dir, directories, 0) if kind == "existing"
        TreePeer.open(name, dir) { |peer| peer.measure { Forest.grow(dir, directories, size) } }
      end
    end

    def row(name, size, kind, results)
      @report.row("#{@files} files, #{size} to a directory, #{kind}", name,
                  { "missed" => results.map { |result| missed(result) }.max,
                    "CPU us per reported file" => Statistics.median(results.map { |result| cpu(result) }),
                    "batches" => results.last[:batches] })
    end

    def missed(result) = @files - result[:files]

    # Microseconds for each file that was reported.
    def cpu(result) = result[:cpu] / [result[:files], 1].max * 1e6
  end
end
