# frozen_string_literal: true

# Measures what one scan of 20,000 files in 2,000 directories costs where everything is polled, in CPU time, against
# find, chokidar and watchfiles:  ruby bench/polling.rb [ROUNDS]
# Needs find. chokidar and watchfiles are measured where `node` and `python3` find them (NODE_PATH, PYTHONPATH). The
# peers of a round follow each other, in another order each round; a ratio is the median of the rounds' ratios.

require_relative "lib/machine"
require_relative "lib/queue_limit"
require_relative "lib/statistics"
require_relative "lib/workspace"
require_relative "polling/peers"

module Bench
  # The figures of all peers.
  class Polling
    DIRECTORIES = 2_000
    FILES = 10

    def initialize(rounds)
      @rounds = rounds
      @peers = PollingPeers::ALL.select(&:available?)
      @samples = Hash.new { |hash, peer| hash[peer] = [] }
    end

    def run
      Workspace.open do |dir|
        fill(dir)
        @rounds.times { |round| @peers.rotate(round).each { |peer| @samples[peer] << peer.measure(dir) } }
      end
      self
    end

    def to_s
      ["| peer | CPU ms per scan | × find |", "| --- | ---: | ---: |", *@peers.map { |peer| row(peer) }].join("\n")
    end

    private

    # Fifty directories in each, as in a project.
    def fill(dir)
      DIRECTORIES.times do |number|
        path = File.join(dir, (number / 50).to_s, number.to_s)
        FileUtils.mkdir_p(path)
        FILES.times { |file| File.write(File.join(path, "file#{file}.rb"), "") }
      end
    end

    def row(peer)
      ratios = @samples[peer].zip(@samples[@peers.first]).map { |one, base| one / base }
      numbers = [Statistics.median(@samples[peer]) * 1000, Statistics.median(ratios)]
      format("| %<name>s | %<cpu>.1f | %<ratio>.2f |", name: peer.name, cpu: numbers.first, ratio: numbers.last)
    end
  end
end

puts Bench::Machine, "", Bench::Polling.new(Integer(ARGV.fetch(0, 5))).run
