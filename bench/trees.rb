# frozen_string_literal: true

# Measures Inotify::Watcher on trees against its peers, all in one run:  ruby bench/trees.rb [--quick] [PART…]
# Parts: ready, storm, overflow, projects, idle, checkpoint. Needs inotifywait, rb-inotify and listen (Debian:
# inotify-tools, ruby-rb-inotify, ruby-listen), and 110,000 watches; watchman and watchexec are measured where they are
# in PATH.

require_relative "lib/machine"
require_relative "lib/queue_limit"
require_relative "trees/report"
%w[ready storm overflow projects idle checkpoint].each { |part| require_relative "trees/#{part}" }

parts = { "ready" => Bench::TreeReady, "storm" => Bench::TreeStorm, "overflow" => Bench::TreeOverflow,
          "projects" => Bench::TreeProjects, "idle" => Bench::TreeIdle, "checkpoint" => Bench::TreeCheckpoint }
quick = ARGV.delete("--quick")
abort "usage: ruby bench/trees.rb [--quick] [#{parts.keys.join("|")}]…" unless (ARGV - parts.keys).empty?

Bench::Forest.build
report = Bench::TreeReport.new
parts.slice(*(ARGV.empty? ? parts.keys : ARGV)).each_value { |part| part.new(report, quick).run }
puts Bench::Machine, "", report
