# frozen_string_literal: true

RSpec.describe Inotify::Instance, "and the garbage collector" do
  it "has events and watches that survive compaction", :slow do
    skip "this Ruby cannot verify" unless GC.respond_to?(:verify_compaction_references)

    output = ruby(<<~RUBY)
      instance = Inotify::Instance.new
      dirs = Array.new(50) { |number| "#{dir}/\#{number}".tap { |made| Dir.mkdir(made) } }
      watches = dirs.map { |dir| instance.add_watch(dir, :create) }
      events = dirs.map { |dir| File.write("\#{dir}/a", "") && instance.first }
      room = RUBY_VERSION < "3.2" ? { double_heap: true } : { expand_heap: true }
      2.times { GC.verify_compaction_references(toward: :empty, **room) }
      p events.map(&:path) == dirs.map { |dir| "\#{dir}/a" }, events.map(&:watch) == watches, instance.watches == watches
    RUBY
    expect(output.lines(chomp: true)).to eq %w[true true true]
  end

  it "keeps the watch of an event whose instance and watch are gone" do
    paths = Array.new(20) do |number|
      of = path(number.to_s).tap { |made| Dir.mkdir(made) }
      Inotify::Instance.open do |instance|
        instance.add_watch(of, :create)
        File.write("#{of}/a", "")
        instance.read.first
      end
    end
    GC.start
    Array.new(10_000) { "garbage" * 3 }
    expect(paths.map(&:path)).to eq(Array.new(20) { |number| path("#{number}/a") })
  end

  it "survives collections at every allocation while it is read, left and removed" do
    instance = instance_watching(:create, :delete)
    touch("a", "b", "c")
    found = begin
      GC.stress = true
      watch = instance.watches.first
      first = take_one(instance)
      watch.remove
      [first, *instance.read, *instance.read(timeout: 0)].map { |event| [event.name, event.watch == watch] }
    ensure
      GC.stress = false
    end
    expect(found).to eq [["a", true], ["b", true], ["c", true], [nil, true]]
  end
end
