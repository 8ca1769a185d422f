# frozen_string_literal: true

RSpec.describe Inotify::Instance, "at the limits" do
  it_behaves_like "at the limits of the system", FrontEnds::Instance

  context "without room for a watch", :user_namespace do
    it "keeps the watches that it has when there is no room for another" do
      kept = ruby_in_namespace(<<~RUBY)
        File.write("/proc/sys/user/max_inotify_watches", "1")
        instance = Inotify::Instance.new
        instance.add_watch("#{dir}", :create)
        begin
          instance.add_watch("/", :create)
        rescue Inotify::WatchLimitReached
          puts instance.watches.size
        end
      RUBY
      expect(kept).to eq "1"
    end

    it "gives its caller the last watch there is room for, although another thread waits" do
      wd = ruby_in_namespace(<<~RUBY)
        File.write("/proc/sys/user/max_inotify_watches", "1")
        instance = Inotify::Instance.new
        waiting = Thread.new { instance.each {} }
        Thread.pass until waiting.stop?
        puts instance.add_watch("#{dir}", :create).path
        instance.close
        puts waiting.join(LIMIT).nil?
      RUBY
      expect(wd).to eq "#{dir}\nfalse"
    end

    it "ends waits when it is closed although there is no watch and no room for one" do
      ended = ruby_in_namespace(<<~RUBY)
        File.write("/proc/sys/user/max_inotify_watches", "0")
        instance = Inotify::Instance.new
        waiting = Thread.new { instance.each {} }
        reading = Thread.new { Thread.current.report_on_exception = false; instance.read }
        Thread.pass until waiting.stop? && reading.stop?
        instance.close
        p waiting.join(LIMIT).nil?
        begin
          reading.join(LIMIT)
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
end
