# frozen_string_literal: true

require "fileutils"
require "tmpdir"

# A directory of the example's own, removed after it.
module TemporaryDirectory
  def dir
    @dir ||= File.realpath(Dir.mktmpdir("inotify_rs"))
  end

  def path(name = "file") = File.join(dir, name)

  # Makes files, and calls the block after each.
  def touch(*names)
    names.each do |name|
      File.write(path(name), "")
      yield name if block_given?
    end
  end

  # Names that give an order.
  def numbered_names(count) = Array.new(count) { |number| format("%05d", number) }

  # Makes `count` files whose names give their order.
  def touch_many(count, &block) = touch(*numbered_names(count), &block)

  def remove_dir
    FileUtils.remove_entry(@dir) if @dir
  rescue Errno::EACCES, Errno::ENOTEMPTY
    # Only root removes directories without permission to list them. An empty one is gone in spite of the error.
    return unless File.exist?(@dir)

    open_up(@dir)
    FileUtils.remove_entry(@dir)
  ensure
    @dir = nil
  end

  private

  def open_up(dir)
    File.chmod(0o700, dir)
    Dir.each_child(dir) do |name|
      path = File.join(dir, name)
      open_up(path) if File.lstat(path).directory?
    end
  end
end
