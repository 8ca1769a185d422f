# frozen_string_literal: true

require_relative "child"
require_relative "peer"
require_relative "statistics"
require_relative "workspace"

module Bench
  # One kind of measurement: its cases, its peers, and the figures of each.
  #
  # A subclass answers `title`, `cases`, `columns` (label => figure), `main` (the figure that ratios are made of) and
  # `sample(case, peer)`, a Hash of figures. The samples of one round are taken one right after the other, in an order
  # that differs from round to round, and a ratio is the median of the rounds' ratios: noise that lasts hits both.
  class Scenario
    # Ratios are told against these, where they take part.
    BASES = { "× C loop" => [KERNEL], "× C extension" => [C_NAMES, C_EVENTS] }.freeze

    def initialize(quick:)
      @quick = quick
      @samples = Hash.new { |samples, key| samples[key] = [] }
    end

    def name = self.class.name[/\w+\z/].downcase

    def cases = [""]

    # Which of the {BASES} this is told against.
    def ratios = BASES.keys

    def run
      rounds.times do |round|
        cases.each do |kase|
          peers(kase).rotate(round).each { |peer| @samples[[kase, peer]] << sample(kase, peer) }
        end
        warn "#{name}: round #{round + 1} of #{rounds}"
      end
    end

    def figures(kase, peer, figure) = @samples[[kase, peer]].filter_map { |sample| sample[figure] }

    def figure(kase, peer, figure = main) = Statistics.median(figures(kase, peer, figure))

    # The median of the rounds' ratios; nil where there is nothing to divide.
    def ratio(kase, peer, base, figure = main)
      ratios = figures(kase, peer, figure).zip(figures(kase, base, figure)).filter_map do |ours, theirs|
        ours / theirs.to_f if ours && theirs&.positive?
      end
      Statistics.median(ratios)
    end

    # What a ratio of `label` is made against: the C extension called the same way.
    def base(label, kase, peer)
      bases = BASES.fetch(label) & peers(kase)
      bases.find { |base| base.name[/\|.*/] == peer.name[/\|.*/] } || bases.first
    end

    def to_h
      cases.to_h { |kase| [kase, peers(kase).to_h { |peer| [peer.name, @samples[[kase, peer]]] }] }
    end

    private

    attr_reader :quick
  end
end
