# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "that scans a large tree" do
  # With a predicate it asks about each level, so it is not ready at once.
  it "calls on_progress with the number of directories found, rising" do
    make("a/b/c/d/e/")
    counts = []
    watcher = watch(ignore: ->(_path) { false }, on_progress: ->(count) { counts << count })
    expect(counts).to eq(counts.sort).and(all(be <= watcher.stats[:directories]))
    expect(counts).not_to be_empty
  end

  it "does not call on_progress later" do
    counts = []
    watcher = watch(on_progress: ->(count) { counts << count })
    before = counts.size
    make("a/b/")
    all_changes(watcher)
    expect(counts.size).to eq before
  end

  it "raises what on_progress raises, and leaves no descriptor and no thread" do
    failure = Class.new(StandardError)
    make("a/b/")
    expect { watch(ignore: ->(_path) { false }, on_progress: ->(_count) { raise failure }) }.to raise_error(failure)
    expect([inotify_fds, Tasks.watching]).to eq [[], []]
  end

  it "ends with a timeout while a callable keeps it" do
    make("a/b/")
    expect { Timeout.timeout(0.05) { watch(ignore: ->(_path) { Thread.stop }) } }.to raise_error(Timeout::Error)
    expect(inotify_fds).to be_empty
  end

  # A `close` that is interrupted does not wait for the thread.
  it "ends by Ctrl-C, and leaves neither thread nor descriptor" do
    make(*Array.new(500) { |number| "#{number % 10}/#{number}/x/y/" })
    script = <<~RUBY
      begin
        puts "ready"
        loop { Inotify::Watcher.new(#{dir.inspect}, on_progress: ->(_) { nil }).close }
      rescue Interrupt
        p left_after_collections
      end
    RUBY
    expect(interrupted(script)).to eq ["[0, 0]"]
  end

  # The output of a ruby that gets a Ctrl-C when it has begun.
  def interrupted(script)
    ruby_running(script) do |pid, output|
      output.gets
      Process.kill(:INT, pid)
      within { output.read.lines(chomp: true) }
    end
  end
end
