# frozen_string_literal: true

require "io/wait"
require "json"
require "rbconfig"

require_relative "../lib/build"
require_relative "../lib/child"

module Bench
  # A process that does one task with rb-inotify, or with what stands for it.
  class RbInotifyPeer
    CHILD = File.expand_path("child.rb", __dir__)
    OURS = "inotify_rs/rb_inotify"
    STOCK = "rb-inotify"
    ENGINES = [OURS, STOCK].freeze
    LIMIT = 120 # seconds

    def self.open(...)
      peer = new(...)
      yield peer
    ensure
      peer&.kill
    end

    def initialize(engine, task, *arguments)
      environment = { "RUBYLIB" => Build::LIB, **Child::HEAP }
      command = [RbConfig.ruby, "-W0", "-r", engine, CHILD, task, *arguments.map(&:to_s)]
      @io = IO.popen([environment, *command], "r+")
    end

    # Waits until the child has reached a step.
    def reach(step)
      line = gets.chomp
      raise "the child said #{line.inspect} where #{step.inspect} was expected" unless line == step
    end

    # Lets it go on.
    def go = @io.puts

    def result = JSON.parse(gets, symbolize_names: true)

    def kill
      Process.kill(:KILL, @io.pid)
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
