# frozen_string_literal: true

# Uses the library in two of Ruby's boxes at once; RSpec does not run in one. .ci/ruby calls it.
require "tmpdir"
require "inotify_rs"

box = Ruby::Box.new
box.require(File.expand_path("../lib/inotify_rs", __dir__))
abort "the library is shared between boxes" if Inotify.equal?(box::Inotify)

[Inotify, box::Inotify].each do |inotify|
  Dir.mktmpdir do |dir|
    inotify::Instance.open do |instance|
      instance.add_watch(dir, :create)
      File.write("#{dir}/a", "")
      names = instance.read.map(&:name)
      abort "wrong names: #{names}" unless names == ["a"]
    end
  end
end
puts "both boxes work"
