# frozen_string_literal: true

require "rbconfig"

require_relative "../lib/build"
require_relative "../lib/dialogue"

module Bench
  # One task done with rb-inotify, or with what stands for it.
  class RbInotifyPeer < Dialogue
    CHILD = File.expand_path("child.rb", __dir__)
    OURS = "inotify_rs/rb_inotify"
    STOCK = "rb-inotify"
    ENGINES = [OURS, STOCK].freeze
    LIMIT = 120

    def initialize(engine, task, *arguments)
      command = [RbConfig.ruby, "-W0", "-r", engine, CHILD, task, *arguments.map(&:to_s)]
      super({ "RUBYLIB" => Build::LIB, **HEAP }, *command)
    end
  end
end
