# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "when the kernel's queue overflows", queue_limit: true do
  def watch_with_queue_of(events, ...) = with_queue_of(events) { watch(...) }

  # Runs a script in a process, which is faster than the thread.
  def storm(script) = ruby("Dir.chdir('#{dir}')\n#{script}")

  def tree_on_disk
    Dir.glob("**/*", File::FNM_DOTMATCH, base: dir).reject { |name| name.end_with?(".") }.sort
  end

  def overflown?(watcher) = watcher.stats[:overflows].positive?

  # Renames, removes and makes at random.
  def chaos(seed)
    storm(<<~RUBY)
      require "fileutils"
      random = Random.new(#{seed})
      40.times do |number|
        one, other = Dir.glob("**/*").sample(2, random: random)
        case random.rand(4)
        when 0 then FileUtils.mkdir_p("n\#{number}/m") && File.write("n\#{number}/m/f", "1")
        when 1 then FileUtils.rm_rf(one) if one
        else File.rename(one, [File.dirname(other.to_s), "r\#{number}"].join("/")) if one && other
        end
      rescue SystemCallError
        nil
      end
    RUBY
  end

  it "scans again, and reports exactly the difference" do
    make("a/b/gone" => "1", "a/b/same" => "1", "a/changed" => "1")
    # A file that was written less than two ticks of the clock before may have been written after.
    sleep(0.05)
    watcher = watch_with_queue_of(1)
    storm(<<~RUBY)
      1_000.times { |number| File.write("noise\#{number % 3}", "") }
      File.unlink("a/b/gone")
      File.write("a/changed", "22")
      1_000.times { |number| File.write("noise\#{number % 3}", "") }
    RUBY
    found = changes(watcher)
    expect(short(found)).to include([:deleted, "a/b/gone"], [:modified, "a/changed"])
    expect(short(found).flatten).not_to include("a/b/same", "a/b", "a")
    expect([overflown?(watcher), known(synced(watcher))]).to eq [true, tree_on_disk]
  end

  it "keeps the set right through storms of renames, removals and creations" do
    make("d/", "a/b/c" => "1")
    watcher = watch_with_queue_of(2)
    known_paths = watcher.paths
    10.times do |round|
      chaos(round)
      known_paths = applied(known_paths, changes(watcher))
      expect(known_paths.map { |it| below(it) }.to_a.sort - [""]).to eq tree_on_disk
    end
    expect(overflown?(watcher)).to be true
  end

  it "keeps its watches through an overflow" do
    make("a/b/c/")
    watcher = watch_with_queue_of(1)
    before = watcher.stats[:watches]
    storm("500.times { |number| File.write(\"noise\#{number % 3}\", '') }")
    reported(watcher)
    expect([overflown?(watcher), watcher.stats[:watches], watcher.audit]).to eq [true, before, []]
  end

  it "reports a root that was removed and made again in an overflow" do
    make("root/old" => "1")
    watcher = watch_with_queue_of(1, "root")
    storm(<<~RUBY)
      require "fileutils"
      50.times { FileUtils.rm_rf("root"); FileUtils.mkdir_p("root/new"); File.write("root/new/file", "") }
    RUBY
    expect(known(synced(watcher))).to eq %w[root root/new root/new/file]
    touch("root/new/again")
    expect(reported(watcher)).to include [:created, "root/new/again"]
  end
end
