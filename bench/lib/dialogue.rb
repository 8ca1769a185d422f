# frozen_string_literal: true

require "io/wait"
require "json"

module Bench
  # A process that measures, and tells its steps and its result line by line.
  class Dialogue
    LIMIT = 120 # seconds

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
      @io = IO.popen([environment, *command], "r+")
      @pid = @io.pid
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

    def gets
      raise "the child said nothing for #{LIMIT} seconds" unless @io.wait_readable(LIMIT)

      @io.gets || raise("the child ended early")
    end
  end
end
