# frozen_string_literal: true

RSpec.describe "INotify::Notifier#run" do
  def running(notifier) = sleeping_thread { notifier.run }

  # A program of its own, in the example's directory.
  def start(script, &block)
    script = "$stdout.sync = true\n#{script}"
    Program.start(*Program.ruby("-I", Children::LIB, "-rinotify_rs/rb_inotify", "-e", script), chdir: dir, &block)
  end

  it "calls callbacks until it is stopped by another thread" do
    notifier = notifier_of(:create)
    thread = running(notifier)
    touch("a")
    wait_until { seen.any? }
    within { notifier.stop }
    expect([thread.alive?, seen.map(&:name)]).to eq([false, ["a"]])
  end

  it "works again after it was stopped" do
    notifier = notifier_of(:create)
    2.times do |number|
      running(notifier)
      touch(number.to_s)
      wait_until { seen.size > number }
      notifier.stop
    end
    expect(seen.map(&:name)).to eq(%w[0 1])
  end

  it "ends at once by a stop that was called before it, and works again then" do
    notifier = notifier_of(:create)
    notifier.stop
    within { notifier.run }
    running(notifier)
    touch("a")
    wait_until { seen.any? }
    within { notifier.stop }
    expect(seen.map(&:name)).to eq(["a"])
  end

  it "ends by a stop that is called while it begins" do
    notifier = notifier_of(:create)
    100.times do
      thread = Thread.new { notifier.run }
      within { notifier.stop }
      within { thread.join }
    end
    expect(seen).to eq([])
  end

  it "uses no processor time after it was stopped and run again" do
    script = <<~RUBY
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) {}
      thread = Thread.new { notifier.run }
      Thread.pass until thread.stop?
      notifier.stop
      puts "ready"
      notifier.run
    RUBY
    start(script) do |program|
      program.line
      wait_for_process_sleep(program.pid)
      expect_idle(program.pid)
    end
  end

  it "ends by a stop in its own callback, after the events that were read with it" do
    notifier = new_notifier
    notifier.watch(dir, :create) do |event|
      seen << event.name
      notifier.stop
    end
    touch("a", "b")
    within { notifier.run }
    expect(seen).to eq(%w[a b])
  end

  it "ends by a stop in a signal handler" do
    script = <<~RUBY
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) {}
      trap(:TERM) { notifier.stop }
      puts "ready"
      notifier.run
      puts "stopped"
    RUBY
    start(script) do |program|
      program.line
      wait_for_process_sleep(program.pid)
      program.signal(:TERM)
      expect([program.line, program.wait.exitstatus]).to eq(["stopped\n", 0])
    end
  end

  it "ends in its thread by a stop in a signal handler of the main thread" do
    script = <<~RUBY
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) {}
      trap(:TERM) { notifier.stop }
      thread = Thread.new { notifier.run; puts "stopped" }
      Thread.pass until thread.stop?
      puts "ready"
      thread.join
    RUBY
    start(script) do |program|
      program.line
      program.signal(:TERM)
      expect([program.line, program.wait.exitstatus]).to eq(["stopped\n", 0])
    end
  end

  it "ends by a close in another thread" do
    notifier = notifier_of(:create)
    thread = running(notifier)
    within { notifier.close }
    expect(within { thread.value }).to be_nil
  end

  it "raises what a callback raises, and the next run goes on with the next event" do
    notifier = new_notifier
    notifier.watch(dir, :create) do |event|
      seen << event.name
      raise Interruptions::Left if event.name == "b"

      notifier.stop if event.name == "c"
    end
    touch("a", "b", "c")
    expect { notifier.run }.to raise_error(Interruptions::Left)
    expect(notifier.to_io.wait_readable(0)).to be_truthy
    within { notifier.run }
    expect(seen).to eq(%w[a b c])
  end

  it "raises IOError when the notifier is closed" do
    notifier = new_notifier
    notifier.close
    expect { notifier.run }.to raise_error(IOError, /closed/)
  end

  it "stops where the limit of watches is reached", if: Class.new { extend Children }.namespaces? do
    expect(ruby_in_namespace(<<~RUBY)).to eq("stopped")
      require "inotify_rs/rb_inotify"
      File.write("/proc/sys/user/max_inotify_watches", "1")
      Dir.mktmpdir do |dir|
        notifier = INotify::Notifier.new
        notifier.watch(dir, :create) {}
        thread = Thread.new { notifier.run }
        Thread.pass until thread.stop?
        Timeout.timeout(180) { notifier.stop }
        puts "stopped"
      end
    RUBY
  end
end
