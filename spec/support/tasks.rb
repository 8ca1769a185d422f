# frozen_string_literal: true

# The threads of a process by their ids, as /proc shows them. They may end while it is read.
module Tasks
  # PF_EXITING of the kernel, in the flags of /proc/PID/stat, proc(5).
  EXITING = 0x4

  # @return [Hash{String => String}] the content of a file that each has
  def self.read(file, pid = "self") = map(pid) { |task| File.read("#{task}/#{file}") }

  def self.map(pid)
    Dir.children("/proc/#{pid}/task").to_h { |id| [id, attempt { yield "/proc/#{pid}/task/#{id}" }] }.compact
  end

  # The ids of the threads that watch. One that was joined may stand in /proc for a moment longer: it is exiting.
  def self.watching(pid = "self")
    read("stat", pid).select { |_, stat| stat.include?("(inotify_rs)") && !exiting?(stat) }.keys
  end

  def self.exiting?(stat)
    _state, _ppid, _pgrp, _session, _tty, _tpgid, flags = stat.rpartition(")").last.split
    flags.to_i.anybits?(EXITING)
  end
  private_class_method :exiting?

  def self.attempt
    yield
  rescue Errno::ENOENT, Errno::ESRCH
    nil
  end
  private_class_method :attempt
end
