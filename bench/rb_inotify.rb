# frozen_string_literal: true

# Measures what stands for rb-inotify against it, both by the same scripts, all in one run:
#   ruby bench/rb_inotify.rb [--quick]
# Needs rb-inotify (Debian: ruby-rb-inotify) and 20,000 watches.

require_relative "lib/machine"
require_relative "lib/queue_limit"
require_relative "trees/report"
require_relative "rb_inotify/comparison"

quick = ARGV.delete("--quick")
abort "usage: ruby bench/rb_inotify.rb [--quick]" unless ARGV.empty?

Bench::Build.all
Bench::Forest.build
report = Bench::TreeReport.new
Bench::RbInotifyComparison.new(report, rounds: quick ? 3 : 9).run
puts Bench::Machine, "", report
