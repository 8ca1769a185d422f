# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "dropped without being closed" do
  it "leaves neither thread nor descriptor, of 40" do
    expect(ruby(<<~RUBY)).to eq "[0, 0]"
      Thread.new { 4.times { Array.new(10) { Inotify::Watcher.new("#{dir}") } } }.join
      p left_after_collections
    RUBY
  end

  it "leaves nothing of one that was started and stopped, synchronized and iterated" do
    expect(ruby(<<~RUBY)).to eq "[0, 0]"
      Thread.new do
        watcher = Inotify::Watcher.new("#{dir}", debounce: 0.01)
        watcher.start {}
        watcher.sync
        watcher.stop
        File.write("#{dir}/a", "")
        watcher.each.next
        nil
      end.join
      p left_after_collections
    RUBY
  end

  it "keeps one that runs, though nobody holds it" do
    expect(ruby(<<~RUBY)).to eq "created"
      seen = Queue.new
      Thread.new { Inotify::Watcher.new("#{dir}", debounce: 0.01).start { |changes| seen << changes } && nil }.join
      5.times { GC.start }
      File.write("#{dir}/a", "")
      puts Timeout.timeout(LIMIT) { seen.pop.first.type }
    RUBY
  end

  it "keeps one that only its IO's waiter or its Enumerator holds" do
    expect(ruby(<<~RUBY)).to eq "created"
      enumerator = Thread.new { Inotify::Watcher.new("#{dir}", debounce: 0.01).each }.value
      5.times { GC.start }
      File.write("#{dir}/a", "")
      puts Timeout.timeout(LIMIT) { enumerator.next.first.type }
    RUBY
  end

  it "stays whole when the heap is compacted" do
    skip "no compaction here" unless GC.respond_to?(:compact)
    watcher = watch
    touch("a")
    found = changes(watcher)
    GC.compact
    touch("b")
    expect(short(found + changes(watcher))).to eq [[:created, "a"], [:created, "b"]]
  end
end
