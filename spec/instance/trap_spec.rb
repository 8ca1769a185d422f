# frozen_string_literal: true

RSpec.describe Inotify::Instance, "and signals" do
  it "is closed by a handler while the main thread waits in each" do
    expect(ruby_signalled(:USR1, <<~RUBY)).to eq "ended\n"
      instance = Inotify::Instance.new
      instance.add_watch("/", :create)
      trap(:USR1) { instance.close }
      puts "ready"
      instance.each {}
      puts "ended"
    RUBY
  end

  it "is closed by a handler while the main thread waits in read" do
    expect(ruby_signalled(:USR1, <<~RUBY)).to eq "closed Inotify::Instance\n"
      instance = Inotify::Instance.new
      instance.add_watch("/", :create)
      trap(:USR1) { instance.close }
      puts "ready"
      begin
        instance.read
      rescue IOError => e
        puts e.message
      end
    RUBY
  end

  it "is closed by a handler while other threads wait, with and without a watch" do
    expect(ruby_signalled(:USR1, <<~RUBY)).to eq "[true, true]\n"
      instances = Array.new(2) { Inotify::Instance.new }
      instances.first.add_watch("/", :create)
      trap(:USR1) { 2.times { instances.each(&:close) } }
      threads = instances.map { |instance| Thread.new { instance.each {} } }
      Thread.pass until threads.all?(&:stop?)
      puts "ready"
      p threads.map { |thread| !thread.join(180).nil? }
    RUBY
  end

  it "ends a wait by Ctrl-C" do
    expect(ruby_signalled(:INT, <<~RUBY)).to eq "interrupted\n"
      instance = Inotify::Instance.new
      instance.add_watch("/", :create)
      puts "ready"
      begin
        instance.each {}
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
  end

  it "goes on waiting after a handler that does not end it" do
    found = ruby_running(<<~RUBY) do |pid, output|
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      trap(:USR1) { puts "handled" }
      puts "ready"
      puts instance.read.map(&:name)
    RUBY
      output.gets
      wait_for_process_sleep(pid)
      Process.kill(:USR1, pid)
      output.gets
      touch("a")
      within { output.read }
    end
    expect(found).to eq "a\n"
  end
end
