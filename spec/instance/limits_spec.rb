# frozen_string_literal: true

RSpec.describe Inotify::Instance, "at the limits" do
  before { skip "no namespaces here" unless namespaces? }

  it "raises InstanceLimitReached, which names the limit and how to raise it" do
    message = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_instances", "2")
      kept = Array.new(2) { Inotify::Instance.new }
      begin
        kept << Inotify::Instance.new
      rescue Inotify::InstanceLimitReached => e
        puts e.message, e.is_a?(Errno::EMFILE), e.backtrace.any? { |line| line.start_with?("-e:") }
      end
    RUBY
    expect(message).to match(/user.max_inotify_instances is 2; .*sudo sysctl.*\ntrue\ntrue/)
  end

  it "raises WatchLimitReached, which names the path, the limit and how to raise it" do
    message = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "1")
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      begin
        instance.add_watch("/", :create)
      rescue Inotify::WatchLimitReached => e
        puts e.message, e.is_a?(Errno::ENOSPC), instance.watches.size
      end
    RUBY
    expect(message).to match(%r{inotify_add_watch /: .*user.max_inotify_watches is 1; .*sudo sysctl.*\ntrue\n1})
  end

  it "leaves the last watch there is room for to who asks, although someone waits" do
    wd = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "1")
      instance = Inotify::Instance.new
      waiting = Thread.new { instance.each {} }
      Thread.pass until waiting.stop?
      puts instance.add_watch("#{dir}", :create).path
      instance.close
      puts waiting.join(180).nil?
    RUBY
    expect(wd).to eq "#{dir}\nfalse"
  end

  it "wakes who waits when it is closed although there is no watch and no room for one" do
    ended = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "0")
      instance = Inotify::Instance.new
      waiting = Thread.new { instance.each {} }
      reading = Thread.new { Thread.current.report_on_exception = false; instance.read }
      Thread.pass until waiting.stop? && reading.stop?
      instance.close
      p waiting.join(180).nil?
      begin
        reading.join(180)
      rescue IOError => e
        puts e.message
      end
    RUBY
    expect(ended).to eq "false\nclosed Inotify::Instance"
  end

  it "is closed by a handler although there is no watch and no room for one" do
    ended = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "0")
      instance = Inotify::Instance.new
      trap(:USR1) { instance.close }
      Thread.new { Thread.pass until Thread.main.stop?; Process.kill(:USR1, Process.pid) }
      instance.each {}
      puts :ended
    RUBY
    expect(ended).to eq "ended"
  end

  it "wakes a fiber that waits although there is no watch and no room for one" do
    ended = ruby_in_namespace(<<~RUBY)
      require "#{File.expand_path("../support/minimal_scheduler", __dir__)}"
      File.write("/proc/sys/user/max_inotify_watches", "0")
      instance = Inotify::Instance.new
      MinimalScheduler.run do
        Fiber.schedule { instance.each {} && puts(:ended) }
        Fiber.schedule { instance.close }
      end
    RUBY
    expect(ended).to eq "ended"
  end

  it "delivers what an early leave left although there is no room to keep the descriptor readable" do
    names = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "1")
      Inotify::Instance.open do |instance|
        instance.add_watch("#{dir}", :create)
        %w[a b].each { |name| File.write("#{dir}/\#{name}", "") }
        instance.each { |_| break }
        p instance.events_waiting?, instance.read.map(&:name)
      end
    RUBY
    expect(names).to eq %(true\n["b"])
  end
end
