# frozen_string_literal: true

require_relative "tasks"

# Fails an example that leaves a watcher's thread running.
module ThreadLeaks
  # PF_EXITING of the kernel, in the flags of /proc/PID/stat, proc(5).
  EXITING = 0x4

  def self.checking(example)
    before = native_threads
    example.run
    left = native_threads - before
    raise "left running: #{left}" unless left.empty? || example.exception
  end

  # The ids of the threads that watch. One that was joined may stand in /proc for a moment longer: it is exiting.
  def self.native_threads(pid = "self")
    Tasks.read("stat", pid).select { |_, stat| stat.include?("(inotify_rs)") && !exiting?(stat) }.keys
  end

  def self.exiting?(stat)
    _state, _ppid, _pgrp, _session, _tty, _tpgid, flags = stat.rpartition(")").last.split
    flags.to_i.anybits?(EXITING)
  end
  private_class_method :exiting?
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
