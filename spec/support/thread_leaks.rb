# frozen_string_literal: true

require_relative "tasks"

# Fails an example that leaves a watcher's thread running.
module ThreadLeaks
  def self.checking(example)
    before = native_threads
    example.run
    left = native_threads - before
    raise "left running: #{left}" unless left.empty? || example.exception
  end

  # The ids of the threads that watch.
  def self.native_threads(pid = "self")
    Tasks.read("comm", pid).select { |_, name| name == "inotify_rs\n" }.keys
  end
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
