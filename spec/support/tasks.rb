# frozen_string_literal: true

# What /proc tells of the threads of a process, by their ids. They may end while it is read.
module Tasks
  # @return [Hash{String => String}] the content of a file that each has
  def self.read(file, pid = "self") = map(pid) { |task| File.read("#{task}/#{file}") }

  def self.map(pid)
    Dir.children("/proc/#{pid}/task").to_h { |id| [id, attempt { yield "/proc/#{pid}/task/#{id}" }] }.compact
  end

  def self.attempt
    yield
  rescue Errno::ENOENT, Errno::ESRCH
    nil
  end
  private_class_method :attempt
end
