# frozen_string_literal: true

# Puts programs that run a command after changes into the same situations, each in a terminal of its own, and prints
# which of them do what a user expects:  ruby bench/situations.rb [--only WORD] [PEER…]
# Peers: inotify_rs (this work tree); of PATH entr, inotifywait, nodemon, chokidar, onchange and watchexec.

require_relative "situations/peers"
require_relative "situations/situations"
require_relative "situations/report"

only = ARGV.delete("--only") && ARGV.shift
peers = Bench::Peers::ALL.select { |peer| ARGV.empty? || ARGV.include?(peer.name) }
missing, peers = peers.partition { |peer| peer.version.nil? }
warn "not found: #{missing.map(&:name).join(", ")}" if missing.any?

situations = Bench::Situations.all(only)
results = peers.map do |peer|
  Thread.new { situations.to_h { |situation| [situation, situation.try(peer)] } }
end.map(&:value)
puts Bench::SituationsReport.new(situations, peers.zip(results).to_h)
