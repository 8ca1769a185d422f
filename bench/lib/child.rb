# frozen_string_literal: true

require "io/wait"
require "json"
require "rbconfig"

require_relative "build"

module Bench
  # A process that measures, and tells its steps and its result line by line.
  class Child
    CHILD = File.expand_path("../child.rb", __dir__)
    LIMIT = 60 # seconds

    # A heap of the same size for all: by default it depends on how much code a peer loads, and what the collector costs
    # depends on it, by a tenth and more.
    HEAP = { "RUBY_GC_HEAP_INIT_SLOTS" => "40000" }.freeze

    # Starts a task of child.rb, or the C loop, which speaks the same way; ends it when the block is left.
    def self.open(...)
      child = new(...)
      yield child
    ensure
      child&.kill
    end

    attr_reader :pid

    def initialize(task, peer, *arguments)
      command = peer.ruby? ? [RbConfig.ruby, CHILD, task, peer.file, peer.klass] : [Build.program(peer.file)]
      environment = { "BENCH_LOAD_PATH" => Build.load_path, **(task == "load" ? {} : HEAP) }
      @io = IO.popen([environment, *command, *arguments.map(&:to_s)], "r+")
      @pid = @io.pid
    end

    # Waits until the child has reached a step.
    def reach(step)
      line = gets.chomp
      raise "the child said #{line.inspect} where #{step.inspect} was expected" unless line == step
    end

    # Lets it go on.
    def go
      @io.puts
    end

    # Lets it make its queue and wait for events.
    def begin
      %w[make made].each do |step|
        reach(step)
        go
      end
    end

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
