# frozen_string_literal: true

# Measures what it costs to load the library, and how long the command takes until it is ready, against bare Ruby and
# other programs:  ruby bench/start.rb [ROUNDS]
# inotifywait, entr and watchexec are measured where they are in PATH. The peers of a round follow each other, in
# another order each round; a ratio is the median of the rounds' ratios.

require_relative "lib/machine"
require_relative "lib/queue_limit"
require_relative "lib/statistics"
require_relative "lib/workspace"
require_relative "start/peer"

module Bench
  # The figures of programs that are started by turns.
  class Start
    # @param peers [Hash{String => #call}] see {StartPeers}
    def initialize(peers)
      @peers = peers
      @samples = Hash.new { |hash, name| hash[name] = [] }
    end

    def measure(rounds)
      rounds.times do |round|
        @peers.to_a.rotate(round).each { |name, peer| @samples[name] << peer.call }
      end
      self
    end

    # A table of what each takes.
    def figures
      table(["library", "CPU ms", "RSS KiB"]) do |name|
        [format("%.2f", median(name, :cpu) * 1000), median(name, :rss).round]
      end
    end

    # A table of how often each takes what the first takes.
    def ratios
      table(["program", "CPU ms", "wall ms", "CPU ×", "wall ×"]) do |name|
        [*%i[cpu wall].map { |figure| format("%.1f", median(name, figure) * 1000) },
         *%i[cpu wall].map { |figure| format("%.2f", ratio(name, figure)) }]
      end
    end

    private

    def table(head)
      lines = @peers.keys.map { |name| [name, *yield(name)] }
      [head, ["---", *["---:"] * (head.size - 1)], *lines].map { |cells| "| #{cells.join(" | ")} |" }.join("\n")
    end

    def median(name, figure) = Statistics.median(@samples[name].map { |sample| sample[figure] })

    def ratio(name, figure)
      pairs = @samples[name].zip(@samples[@peers.keys.first])
      Statistics.median(pairs.map { |one, base| one[figure] / base[figure] })
    end
  end
end

rounds = Integer(ARGV.fetch(0, 25))
Bench::Workspace.open do |dir|
  puts Bench::Machine, "", Bench::Start.new(Bench::StartPeers.libraries(dir)).measure(rounds).figures, ""
  puts Bench::Start.new(Bench::StartPeers.commands(dir)).measure(rounds).ratios
end
