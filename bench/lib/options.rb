# frozen_string_literal: true

require "optparse"

module Bench
  # The command line of run.rb.
  Options = Struct.new(:quick, :json, :chart, :only, keyword_init: true) do
    def self.parse(arguments, scenarios)
      options = new(only: [])
      parser = options.parser(scenarios)
      parser.parse!(arguments)
      abort parser.help unless arguments.empty?
      options
    rescue OptionParser::ParseError => e
      abort "#{e.message}\n#{parser.help}"
    end

    def parser(scenarios)
      OptionParser.new do |opts|
        opts.banner = "usage: ruby bench/run.rb [options]"
        opts.on("--quick", "about a minute: fewer rounds, fewer events") { self.quick = true }
        opts.on("--json FILE", "write all samples to FILE") { |file| self.json = file }
        opts.on("--chart FILE", "draw the drain into FILE, an SVG") { |file| self.chart = file }
        opts.on("--only SCENARIO", scenarios, "one of #{scenarios.join(", ")}; may be repeated") { |name| only << name }
      end
    end

    def wanted?(name) = only.empty? || only.include?(name)
  end
end
