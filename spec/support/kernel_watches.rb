# frozen_string_literal: true

# The inotify descriptors of this process, and the watches that the kernel has for them. Also for rubies of their own.
module KernelWatches
  def inotify_fds
    Dir.children("/proc/self/fd").select do |fd|
      File.readlink("/proc/self/fd/#{fd}") == "anon_inode:inotify"
    rescue Errno::ENOENT
      false
    end.map(&:to_i)
  end

  # The lines of /proc/self/fdinfo, of all descriptors or of one.
  def kernel_watches(*fds)
    fds = inotify_fds if fds.empty?
    fds.flat_map { |fd| File.readlines("/proc/self/fdinfo/#{fd}").grep(/\Ainotify wd:/) }
  end

  # The watch descriptors of a descriptor.
  def kernel_wds(fd) = kernel_watches(fd).map { |line| line[/\Ainotify wd:(\h+)/, 1].hex }.sort

  # Whether the kernel watches what is at a path, for any instance of this process.
  def watched?(path)
    stat = File.stat(path)
    kernel_watches.any? { |watch| watch.include?(" ino:#{stat.ino.to_s(16)} ") }
  end
end

RSpec.configure { |config| config.include KernelWatches } if defined?(RSpec)
