# frozen_string_literal: true

require "io/wait"
require "json"

module Bench
  # A process that measures, and tells its steps and its result line by line. LIMIT of each kind is how long it may be
  # silent, in seconds.
  class Dialogue
    # A heap of the same size for all: by default it depends on how much code a peer loads, and what the collector costs
    # depends on it, by a tenth and more.
    HEAP = { "RUBY_GC_HEAP_INIT_SLOTS" => "40000" }.freeze

    # Starts it; ends it when the block is left.
    def self.open(...)
      process = new(...)
      yield process
    ensure
      process&.kill
    end

    attr_reader :pid

    def initialize(environment, *command)
      start(environment, *command)
    end

    # Waits until it has reached a step.
    def reach(step)
      line = gets.chomp
      raise "the child said #{line.inspect} where #{step.inspect} was expected" unless line == step
    end

    # Lets it go on.
    def go = @io.puts

    def result = JSON.parse(gets, symbolize_names: true)

    def kill
      Process.kill(:KILL, @pid)
    rescue Errno::ESRCH
      # It has ended.
    ensure
      @io.close
    end

    private

    def start(environment, *command, **options)
      @io = IO.popen([environment, *command], "r+", **options)
      @pid = @io.pid
    end

    def gets
      limit = self.class::LIMIT
      raise "the child said nothing for #{limit} seconds" unless @io.wait_readable(limit)

      @io.gets || raise("the child ended early")
    end
  end
end
