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

  # Makes `count` files whose names tell their order.
  def touch_many(count, &block)
    touch(*Array.new(count) { |number| format("%05d", number) }, &block)
  end

  def remove_dir
    FileUtils.remove_entry(@dir) if @dir
    @dir = nil
  end
end
