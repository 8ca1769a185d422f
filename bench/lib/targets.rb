# frozen_string_literal: true

require_relative "peer"

module Bench
  # What the gem wants to reach, each as a ratio or a count of one run.
  class Targets
    Target = Struct.new(:text, :value, :limit, :direction) do
      def met? = direction == :least ? value >= limit : value <= limit

      def to_s
        format("%<met>-6s  %<value>8.2f  (at %<direction>s %<limit>g)  %<text>s",
               met: met? ? "met" : "MISSED", value: value, direction: direction, limit: limit, text: text)
      end
    end

    PAIRS = { WATCH_NAMES => C_NAMES, WATCH_EVENTS => C_EVENTS }.freeze
    NAMED = "name of 15 bytes"

    # @param scenarios [Array<Scenario>] those that were run
    def initialize(scenarios)
      @scenarios = scenarios.to_h { |scenario| [scenario.name, scenario] }
    end

    def to_a = @scenarios.keys.flat_map { |name| send(name) }

    private

    def at_most(text, value, limit) = Target.new(text, value, limit, :most)
    def at_least(text, value, limit) = Target.new(text, value, limit, :least)

    def drain = [*against_c, *against_others, *objects]

    def against_c
      scenario = @scenarios["drain"]
      scenario.cases.product(PAIRS.to_a).map do |kase, (ours, theirs)|
        at_most("CPU of #{ours.name} / #{theirs.name}, #{kase}", scenario.ratio(kase, ours, theirs), 1.03)
      end
    end

    def against_others
      scenario = @scenarios["drain"]
      [
        at_least("CPU of #{RB_NAMES.name} / #{WATCH_NAMES.name}", scenario.ratio(NAMED, RB_NAMES, WATCH_NAMES), 60),
        at_least("CPU of #{RB_EVENTS.name} / #{WATCH_EVENTS.name}", scenario.ratio(NAMED, RB_EVENTS, WATCH_EVENTS), 70),
        at_most("CPU of #{WATCH_NAMES.name} / the kernel's own", scenario.ratio(NAMED, WATCH_NAMES, KERNEL), 1.7)
      ]
    end

    def objects
      scenario = @scenarios["drain"]
      { WATCH_NAMES => 2, WATCH_EVENTS => 1 }.map do |peer, limit|
        at_most("objects per event of #{peer.name}", scenario.figure(NAMED, peer, :objects), limit)
      end
    end

    def storm
      scenario = @scenarios["storm"]
      [at_most("CPU µs per file in the storm", scenario.figure("", WATCH_NAMES), 1.6),
       at_most("events lost in the storm", scenario.figure("", WATCH_NAMES, :lost), 0)]
    end

    def latency
      scenario = @scenarios["latency"]
      against_c = [Latency::QUIET, Latency::BUSY].map do |kase|
        at_most("median latency / C extension's, #{kase}", scenario.ratio(kase, WATCH_EVENTS, C_EVENTS), 1.2)
      end
      against_c << at_most("median latency of #{WATCHER.name} / #{EACH.name}'s, #{Latency::QUIET}",
                           scenario.ratio(Latency::QUIET, WATCHER, EACH), 1.5)
    end

    def idle
      scenario = @scenarios["idle"]
      [at_most("idle: CPU µs", scenario.figure("", WATCH_EVENTS), 0),
       at_most("idle: wake-ups", scenario.figure("", WATCH_EVENTS, :wakeups), 0)]
    end

    def load
      scenario = @scenarios["load"]
      [at_most("load: CPU ms over bare Ruby", over_bare(scenario, :cpu), 0.5),
       at_most("load: RSS KiB over bare Ruby", over_bare(scenario, :rss), 300)]
    end

    def over_bare(scenario, figure)
      scenario.figure("", WATCH_EVENTS, figure) - scenario.figure("", BARE, figure)
    end
  end
end
