# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and signals" do
  def signalled(signal, script)
    ruby_signalled(signal, "watcher = Inotify::Watcher.new('#{dir}', debounce: 60)\n#{script}")
  end

  it "is closed by a handler while the main thread waits in each" do
    expect(signalled(:USR1, <<~RUBY)).to eq "ended\ntrue\n"
      trap(:USR1) { watcher.close }
      puts "ready"
      watcher.each {}
      puts "ended", watching_threads.zero?
    RUBY
  end

  it "is stopped by a handler, which delivers what happened" do
    expect(signalled(:USR1, <<~RUBY)).to eq "[:created]\nstopped\n"
      watcher.start { |changes| p changes.map(&:type) }
      File.write("#{dir}/a", "")
      $stopped = false
      trap(:USR1) { watcher.stop; $stopped = true }
      puts "ready"
      sleep 0.01 until $stopped
      puts "stopped"
    RUBY
  end

  it "is started and stopped by handlers" do
    expect(signalled(:USR1, <<~RUBY)).to eq "[:created]\n"
      trap(:USR1) { watcher.start { |changes| p changes.map(&:type) }; File.write("#{dir}/a", ""); watcher.stop; exit }
      puts "ready"
      sleep
    RUBY
  end

  it "takes and syncs in a handler" do
    expect(signalled(:USR1, <<~RUBY)).to eq "true\n[:created]\n"
      trap(:USR1) { File.write("#{dir}/a", ""); p watcher.sync, watcher.take.map(&:type); exit }
      puts "ready"
      sleep
    RUBY
  end

  it "takes and syncs in a handler where a filter is asked" do
    expect(signalled(:USR1, <<~RUBY)).to eq "true\n[:created]\n"
      watcher = Inotify::Watcher.new("#{dir}", debounce: 0, only: /a/, ignore: ->(path) { path.end_with?("x") })
      trap(:USR1) { File.write("#{dir}/a", ""); p watcher.sync, watcher.take.map(&:type); exit }
      puts "ready"
      sleep
    RUBY
  end

  it "takes and syncs in a handler that interrupts a filter" do
    expect(signalled(:USR1, <<~RUBY)).to eq "handled\n[:created]\n"
      $handled = false
      wait = ->(_path) { puts "ready"; sleep 0.01 until $handled; false }
      watcher = Inotify::Watcher.new("#{dir}", debounce: 0, ignore: wait)
      trap(:USR1) { watcher.sync; watcher.take; puts "handled"; $handled = true }
      File.write("#{dir}/a", "")
      p watcher.take.map(&:type)
    RUBY
  end

  # It may come when a watcher has begun and nobody holds it yet, or while `close` waits for the thread.
  it "leaves neither thread nor descriptor behind when Ctrl-C ends a long start" do
    50.times { |number| 40.times { |other| FileUtils.mkdir_p(path("#{number}/#{other}/sub")) } }
    ended = ruby_running(<<~RUBY) do |pid, output|
      puts "ready"
      begin
        loop { Inotify::Watcher.new("#{dir}").close }
      rescue Interrupt
        p left_after_collections
      end
    RUBY
      output.gets
      output.wait_readable(Kernel.rand * 0.1)
      Process.kill(:INT, pid)
      within { output.read }
    end
    expect(ended).to eq "[0, 0]\n"
  end
end
