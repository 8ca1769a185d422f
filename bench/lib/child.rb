# frozen_string_literal: true

require "rbconfig"

require_relative "build"
require_relative "dialogue"

module Bench
  # A task of child.rb, or the C loop, which speaks the same way.
  class Child < Dialogue
    CHILD = File.expand_path("../child.rb", __dir__)
    LIMIT = 60

    def initialize(task, peer, *arguments)
      command = peer.ruby? ? [RbConfig.ruby, CHILD, task, peer.file, peer.klass] : [Build.program(peer.file)]
      environment = { "BENCH_LOAD_PATH" => Build.load_path, **(task == "load" ? {} : HEAP) }
      super(environment, *command, *arguments.map(&:to_s))
    end

    # Lets it make its queue and wait for events.
    def begin
      %w[make made].each do |step|
        reach(step)
        go
      end
    end
  end
end
