# frozen_string_literal: true

require_relative "tasks"
require_relative "waiting"

# Fails an example that leaves a watcher's thread running.
module ThreadLeaks
  def self.checking(example)
    before = native_threads
    example.run
    return if example.exception

    # A thread that was joined stands in /proc for a moment longer.
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + Waiting::LIMIT
    until (left = native_threads - before).empty?
      raise "left running: #{left}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      Thread.pass
    end
  end

  # The ids of the threads that watch.
  def self.native_threads(pid = "self")
    Tasks.read("comm", pid).select { |_, name| name == "inotify_rs\n" }.keys
  end
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
