# frozen_string_literal: true

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
    Dir.children("/proc/#{pid}/task").select { |id| name(pid, id) == "inotify_rs" }
  end

  def self.name(pid, id)
    File.read("/proc/#{pid}/task/#{id}/comm").chomp
  rescue Errno::ENOENT, Errno::ESRCH
    nil
  end
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
