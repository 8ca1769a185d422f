# frozen_string_literal: true

# Measures the gem against its peers, all in one run:  ruby bench/run.rb [--quick]; see bench/README.md.

require_relative "lib/build"
require_relative "lib/chart"
require_relative "lib/machine"
require_relative "lib/options"
require_relative "lib/table"
require_relative "lib/targets"
Dir[File.join(__dir__, "scenarios", "*.rb")].each { |file| require file }

all = [Bench::Drain, Bench::Latency, Bench::Idle, Bench::Storm, Bench::Load]
options = Bench::Options.parse(ARGV, all.map { |scenario| scenario.name[/\w+\z/].downcase })
Bench::Build.all

scenarios = all.map { |scenario| scenario.new(quick: options.quick) }.select { |run| options.wanted?(run.name) }
scenarios.each(&:run)

puts Bench::Machine, ""
scenarios.each do |scenario|
  puts "## #{scenario.title}", ""
  scenario.cases.each { |kase| puts Bench::Table.new(scenario, kase), "" }
end
puts "## Targets", "", Bench::Targets.new(scenarios).to_a

if options.json
  results = { machine: Bench::Machine.to_h, scenarios: scenarios.to_h { |scenario| [scenario.name, scenario.to_h] } }
  File.write(options.json, JSON.pretty_generate(results))
end
drain = scenarios.find { |scenario| scenario.is_a?(Bench::Drain) }
File.write(options.chart, Bench::Chart.new(drain)) if options.chart && drain
