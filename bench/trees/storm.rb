# frozen_string_literal: true

require_relative "forest"
require_relative "peer"

module Bench
  # 100,000 files written at full speed, into directories that are watched already and into new ones. A batch is one
  # call of the block, where there is one.
  class TreeStorm
    DIRECTORIES = 1000
    PEERS = [TreePeer::OURS, TreePeer::INOTIFYWAIT, TreePeer::RB_INOTIFY, TreePeer::LISTEN,
             *TreePeer::SCRIPTS].freeze

    def initialize(report, quick)
      @report = report
      @files = quick ? 30 : 100
    end

    def run
      PEERS.each do |name|
        { "existing" => true, "new" => false }.each { |kind, existing| sample(name, kind, existing) }
      end
    end

    private

    def sample(name, kind, existing)
      files = DIRECTORIES * @files
      result = Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, 0) if existing
        TreePeer.open(name, dir) { |peer| peer.measure { Forest.grow(dir, DIRECTORIES, @files) } }
      end
      missed = files - result[:files]
      @report.row("#{files} files, #{kind} directories", name,
                  { "missed" => missed, "CPU us per reported file" => result[:cpu] / [result[:files], 1].max * 1e6,
                    "batches" => result[:batches] })
      @report.aim("files missed, #{kind} directories", missed, 0) if name == TreePeer::OURS
    end
  end
end
