# frozen_string_literal: true

# How the cost of each public call grows with what it is given:  ruby bench/sweep.rb [--quick] [NAME…]. Each figure is
# of a process of its own, in CPU time. Needs 110,000 watches, and root: it raises fs.inotify.max_queued_events for so
# long, for an overflow at one size alone would hide how the rest grows. See bench/README.md.

require_relative "lib/build"
$LOAD_PATH.unshift(Bench::Build::LIB)
require "inotify_rs"
require_relative "lib/machine"
require_relative "lib/queue_limit"
%w[growth calls watcher changes filters checker rb_inotify].each { |part| require_relative "sweep/#{part}" }

quick = ARGV.delete("--quick")
growth = Bench::Growth.new(quick ? 10_000 : 100_000, ARGV)
parts = [Bench::SweepCalls, Bench::SweepWatcher, Bench::SweepChanges, Bench::SweepFilters, Bench::SweepChecker,
         Bench::SweepRbInotify]
Bench::QueueLimit.raised_to(500_000) do
  parts.each { |part| part.new.each { |name, limit, work| growth.measure(name, limit, &work) } }
end
puts Bench::Machine, "", growth
