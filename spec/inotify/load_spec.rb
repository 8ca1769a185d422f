# frozen_string_literal: true

require "open3"

RSpec.describe Inotify, "when it is required" do
  def load(*options)
    Open3.capture2e(RbConfig.ruby, "-w", "-I#{Children::LIB}", *options).first
  end

  it "warns of nothing" do
    expect(load("-rinotify_rs", "-e", "")).to eq ""
  end

  it "defines Inotify" do
    expect(load("-rinotify_rs", "-e", "puts Inotify.class")).to eq "Module\n"
  end

  it "defines one constant at the top" do
    script = 'before = Object.constants; require "inotify_rs"; p Object.constants - before'
    expect(load("-e", script)).to eq "[:Inotify]\n"
  end

  it "opens no descriptor" do
    script = 'before = Dir.children("/proc/self/fd"); require "inotify_rs"; p Dir.children("/proc/self/fd") - before'
    expect(load("-e", script)).to eq "[]\n"
  end

  it "starts no thread" do
    expect(load("-rinotify_rs", "-e", "p Thread.list.size")).to eq "1\n"
  end

  it "can be asked for twice" do
    expect(load("-rinotify_rs", "-e", 'p require("inotify_rs")')).to eq "false\n"
  end

  # Every call of a Ruby method lets interrupts in.
  it "finds its classes without asking Ruby code" do
    script = <<~RUBY
      def Object.const_get(*) = raise("asked")
      def (Inotify).const_get(*) = raise("asked")
      Inotify::Watcher.new("/dev", only: "none", recursive: false).tap(&:sync).close
      Inotify::Instance.open { |instance| p instance.add_watch("/dev", :create).class }
    RUBY
    expect(load("-rinotify_rs", "-e", script)).to eq "Inotify::Watch\n"
  end

  it "has a version" do
    expect(Inotify::VERSION).to match(/\A\d+\.\d+\.\d+/).and be_frozen
  end
end
