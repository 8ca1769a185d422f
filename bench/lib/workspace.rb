# frozen_string_literal: true

require "English"
require "tmpdir"

require_relative "build"

module Bench
  # A directory for files, in memory where there is such a place: the disk is not what is measured.
  module Workspace
    MEMORY = "/dev/shm"

    module_function

    def open(&block)
      Dir.mktmpdir("inotify_rs-bench", (MEMORY if File.writable?(MEMORY)), &block)
    end

    # Starts a process that makes events.
    def spawn_writer(*arguments) = Process.spawn(Build.program("writer"), *arguments.map(&:to_s))

    # Makes events in another process, and waits until they are made.
    def write(*arguments)
      Process.wait(spawn_writer(*arguments))
      raise "writer #{arguments.join(" ")} ended with #{$CHILD_STATUS}" unless $CHILD_STATUS.success?
    end
  end
end
