# frozen_string_literal: true

RSpec.describe Inotify, "and the garbage collector" do
  let(:fd) { watching(:create) }
  let(:long_names) { Array.new(300) { |number| "#{number}-#{"n" * (number % 200)}" } }

  before { fd }

  def stressed
    GC.stress = true
    yield
  ensure
    GC.stress = false
  end

  it "keeps the names of events through collections", :slow do
    touch(*long_names)
    found = events(fd)
    GC.start
    expect(found.map(&:name)).to eq long_names
  end

  it "keeps the names of events through compaction", :slow do
    skip "this Ruby cannot compact" unless GC.respond_to?(:compact)

    touch(*long_names)
    found = events(fd)
    GC.compact
    expect(found.map(&:name)).to eq long_names
  end

  it "delivers a batch whose block compacts", :slow do
    skip "this Ruby cannot compact" unless GC.respond_to?(:compact)

    touch("a", "b", "c")
    seen = []
    Inotify.watch(fd) do |event, name|
      GC.compact
      seen << event.name << name
    end
    expect(seen).to eq %w[a a b b c c]
  end

  it "delivers a batch while each allocation collects", :slow do
    touch(*long_names.first(20))
    seen = []
    stressed { Inotify.watch(fd) { |event, name| seen << event.name << name } }
    expect(seen).to eq(long_names.first(20).flat_map { |name| [name, name] })
  end

  it "delivers to an Enumerator while each allocation collects", :slow do
    touch("a", "b")
    enumerator = Inotify.watch(fd)
    expect(stressed { [enumerator.next.name, enumerator.next.name] }).to eq %w[a b]
  end

  it "delivers batch after batch to a thread while another collects", :slow do
    seen = []
    reader = sleeping_thread { loop { Inotify.watch(fd) { |event, name| seen << event.name if event.name == name } } }
    touch_many(300) { GC.start if seen.size % 50 == 1 }
    wait_until { seen.size >= 300 }
    reader.kill.join
    expect(seen).to eq numbered_names(300)
  end

  it "collects events that nobody holds", :slow do
    touch_many(2_000)
    held = nil
    Inotify.watch(fd, timeout: 0) { |event| held = event } until held&.name == "01999"
    GC.start
    expect(ObjectSpace.each_object(Inotify::Event).count).to be < 1_000
    expect(held.name).to eq "01999"
  end

  it "counts the memory of an event with its name" do
    require "objspace"
    touch("n" * 200)
    expect(ObjectSpace.memsize_of(events(fd).first)).to be > 200
  end

  it "lets go of the fiber that an abandoned Enumerator leaves in the middle of a batch" do
    touch("a", "b", "c")
    5.times { Inotify.watch(fd, timeout: 0).each_slice(1).first }
    GC.start
    expect(events(fd)).to eq []
  end

  it "has references that survive verification", :slow do
    skip "this Ruby cannot verify" unless GC.respond_to?(:verify_compaction_references)

    output = ruby(<<~'RUBY')
      dir = Dir.mktmpdir
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      events = Array.new(50) do |number|
        Dir.mkdir("#{dir}/#{number}")
        Inotify.watch(fd) { |event| break event }
      end
      room = RUBY_VERSION < "3.2" ? { double_heap: true } : { expand_heap: true }
      2.times { GC.verify_compaction_references(toward: :empty, **room) }
      puts events.map(&:name) == Array.new(50, &:to_s), Inotify.watch(fd, timeout: 0) { }
      FileUtils.rm_r(dir)
    RUBY
    expect(output.lines(chomp: true)).to eq %w[true 0]
  end
end
