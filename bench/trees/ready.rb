# frozen_string_literal: true

require_relative "forest"
require_relative "peer"

module Bench
  # What it takes until 20,000 directories with 2 files each are watched; how that grows, and what it keeps in memory.
  class TreeReady
    DIRECTORIES = 20_000
    FILES = 2
    PEERS = [TreePeer::OURS, TreePeer::C, TreePeer::INOTIFYWAIT, TreePeer::RB_INOTIFY, TreePeer::LISTEN].freeze
    # Bytes: nearly all are called dir10 to dir99.
    NAME = 5
    SIZES = [10_000, 20_000, 50_000, 100_000].freeze

    def initialize(report, quick)
      @report = report
      @rounds = quick ? 3 : 9
      @sizes = quick ? SIZES.first(3) : SIZES
    end

    def run
      compare
      grow
    end

    private

    def compare
      samples = Hash.new { |hash, peer| hash[peer] = [] }
      Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, FILES)
        @rounds.times do |round|
          PEERS.rotate(round).each do |name|
            samples[name] << TreePeer.open(name, dir) { |peer| [peer.cpu, peer.wall, peer.rss] }
          end
        end
      end
      tell(samples)
    end

    def tell(samples)
      samples.each do |name, list|
        cpu, wall, rss = list.transpose.map { |figures| Statistics.median(figures) }
        @report.row("ready, #{DIRECTORIES} directories x #{FILES}", name,
                    { "CPU ms" => cpu * 1000, "wall ms" => wall * 1000, "RSS MiB" => rss / 1024.0 })
      end
      aims(samples)
    end

    def aims(samples)
      { TreePeer::INOTIFYWAIT => 1.0, TreePeer::C => 1.15 }.each do |base, limit|
        %w[CPU wall].each_with_index do |figure, index|
          @report.aim("ready: #{figure} / #{base}", ratio(samples, base, index), limit)
        end
      end
      rss = Statistics.median(samples[TreePeer::OURS].map(&:last))
      @report.aim("MiB over bare Ruby, #{DIRECTORIES} directories x #{FILES}", rss / 1024.0, 10)
    end

    def ratio(samples, base, index)
      Statistics.median(samples[TreePeer::OURS].zip(samples[base]).map { |ours, theirs| ours[index] / theirs[index] })
    end

    def grow
      figures = @sizes.map { |size| [size, *sample(size)] }
      figures.each do |size, cpu, rss|
        @report.row("ready, #{size} directories", TreePeer::OURS,
                    { "CPU us each" => cpu / size * 1e6, "RSS bytes each, without its name" => bytes(rss, size) })
      end
      aims_of_growing(figures.first, figures.last)
    end

    def aims_of_growing((few, few_cpu, few_rss), (many, many_cpu, many_rss))
      more = bytes(many_rss - few_rss, many - few)
      @report.row("from #{few} to #{many} directories", TreePeer::OURS,
                  { "RSS bytes for each more, without its name" => more })
      @report.aim("CPU per directory, #{many} directories / #{few}", many_cpu / many / (few_cpu / few), 1.15)
      # The first costs a thread, its buffers and the library's pages beside.
      @report.aim("RSS bytes for each more directory up to #{many}, without its name", more, 40)
    end

    def bytes(rss, directories) = (rss * 1024.0 / directories) - NAME

    # Directories alone: what is kept of files is their names.
    def sample(size)
      Forest.open do |dir|
        Forest.grow(dir, size, 0)
        samples = Array.new(3) { TreePeer.open(TreePeer::OURS, dir) { |it| [it.cpu, it.rss] } }
        samples.transpose.map { |list| Statistics.median(list) }
      end
    end
  end
end
