# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "where directories may be listed and not searched", queue_limit: true do
  before { FileUtils.chmod(0o777, dir) }

  # Runs a script in the example's directory, which can call `become_nobody`. Its watchers have a queue of two events.
  def unprivileged_ruby(script)
    ruby(<<~RUBY).lines(chomp: true)
      %w[queue_limit stops].each { |name| require File.join("#{File.expand_path("../support", __dir__)}", name) }
      Dir.chdir("#{dir}")
      def watch(**options)
        @errors = []
        reported = ->(error) { @errors << error.message[/[^:]+:/] }
        QueueLimit.with_queue_of(2) { Inotify::Watcher.new(".", debounce: 0, on_error: reported, **options) }
      end
      # A file that is written less than two ticks of the clock before the queue is found empty may have been written after.
      def let_time_pass(watcher)
        moment = Process.clock_gettime(Process::CLOCK_REALTIME) + 0.05
        Thread.pass until Process.clock_gettime(Process::CLOCK_REALTIME) > moment
        watcher.sync
      end
      def report(watcher)
        found = 3.times.flat_map { watcher.sync && watcher.take(timeout: 0) }
        found.map { |it| "\#{it.type} \#{it.path}" }.grep(%r{/sub/})
      end
      def lose_events_and
        Stops.while_stopped { 50.times { |number| File.write("noise\#{number % 3}", "") } && yield }
      end
      #{script}
    RUBY
  end

  it "reports no file as deleted after an overflow but names the directory, and what changed when it may" do
    expect(unprivileged_ruby(<<~RUBY)).to eq [
      watcher = watch
      become_nobody
      Dir.mkdir("sub")
      20.times { |number| File.write("sub/\#{number}", "") }
      file = File.open("sub/7", "a")
      report(watcher)
      let_time_pass(watcher)
      File.chmod(0o600, "sub")
      lose_events_and { file.syswrite("x") }
      p report(watcher), watcher.stats[:overflows].positive?, watcher.audit, @errors
      File.chmod(0o700, "sub")
      p report(watcher), @errors.size
    RUBY
      "[]", "true", "[]", '["Permission denied - inotify_add_watch ./sub:"]', '["modified ./sub/7"]', "1"
    ]
  end

  it "keeps what is behind links in them after an overflow" do
    expect(unprivileged_ruby(<<~RUBY)).to eq [
      Dir.mkdir("elsewhere")
      File.write("elsewhere/a", "")
      watcher = watch(follow_symlinks: true)
      become_nobody
      Dir.mkdir("sub")
      File.symlink("../elsewhere", "sub/link")
      report(watcher)
      before = watcher.paths
      File.chmod(0o600, "sub")
      lose_events_and {}
      p report(watcher), watcher.paths - before - %w[./noise0 ./noise1 ./noise2], before - watcher.paths
    RUBY
      "[]", "[]", "[]"
    ]
  end
end
