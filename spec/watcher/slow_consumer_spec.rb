# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with a consumer that takes its time" do
  # Runs a process that writes files into directories it makes, and the block until it has ended.
  def while_writing(files, directories)
    pid = Process.spawn(*ruby_command(<<~RUBY))
      Dir.chdir("#{dir}")
      #{files}.times do |number|
        name = (number % #{directories}).to_s
        Dir.mkdir(name) if number < #{directories}
        File.write("\#{name}/\#{number}", "")
      end
    RUBY
    yield until Process.wait(pid, Process::WNOHANG)
  end

  def expected(files, directories)
    Array.new(directories, &:to_s) + Array.new(files) { |number| "#{number % directories}/#{number}" }
  end

  def created(changes) = changes.select(&:created?).map { |change| below(change.path) }

  it "loses nothing of 100,000 files while the main thread is busy and the collector off", :slow do
    watcher = watch
    GC.disable
    while_writing(100_000, 100) { 1_000.times { |number| number * number } }
    found = within { changes(watcher) }
    expect(created(found).sort).to eq expected(100_000, 100).sort
    expect(watcher.stats[:overflows]).to eq 0
  ensure
    GC.enable
  end

  it "delivers what gathered while nothing was taken, in two batches" do
    watcher = watch
    while_writing(2_000, 20) { Thread.pass }
    batches = Array.new(3) { synced(watcher).take(timeout: 0) }
    expect(created(batches.flatten).sort).to eq expected(2_000, 20).sort
    expect(batches.last).to be_empty
  end

  it "loses nothing of what happens while its block sleeps" do
    watcher = watch
    seen = []
    watcher.start { |changes| seen.concat(changes) && sleep(0.05) }
    while_writing(2_000, 20) { Thread.pass }
    watcher.stop
    expect(created(seen).sort).to eq expected(2_000, 20).sort
  end
end
