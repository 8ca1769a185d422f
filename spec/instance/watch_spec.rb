# frozen_string_literal: true

RSpec.describe Inotify::Watch do
  let(:instance) { new_instance }
  let(:watch) { instance.add_watch(dir, :create, :delete) }

  it "knows its wd, path, mask and flags" do
    expect([watch.wd, watch.path, watch.mask, watch.flags]).to eq [1, dir, 0x300, %i[create delete]]
  end

  it "is frozen, and its own copy" do
    expect(watch).to be_frozen
    expect([watch.dup, watch.clone]).to all(be(watch))
  end

  it "is shareable between Ractors" do
    expect(Ractor.shareable?(watch)).to be true
  end

  it "is not made by new" do
    expect { Inotify::Watch.new }.to raise_error NoMethodError
  end

  it "shows what it is" do
    expect(watch.inspect).to eq %(#<Inotify::Watch wd=1 "#{dir}" create|delete>)
    expect(watch.to_s).to eq watch.inspect
  end

  it "shows that it is removed" do
    watch.remove
    expect(watch.inspect).to eq %(#<Inotify::Watch wd=1 "#{dir}" create|delete removed>)
  end

  it "is removed once, and says so" do
    expect([watch.removed?, watch.remove, watch.removed?]).to eq [false, true, true]
    expect([watch.remove, watch.removed?]).to eq [false, true]
    expect(kernel_wds(instance.fileno)).to be_empty
  end

  it "is none of the instance's watches when it is removed" do
    watch
    other = instance.add_watch("/", :create)
    expect(instance.watches).to eq [watch, other]
    watch.remove
    expect(instance.watches).to eq [other]
  end

  it "is given by each event of it" do
    watch
    touch("a")
    event = instance.read.first
    expect(event.watch).to be watch
  end

  it "is given by events that were queued before it was removed, and by its IN_IGNORED" do
    watch
    touch("a")
    watch.remove
    events = drain(instance)
    expect(events.map(&:flags)).to eq [[:create], [:ignored]]
    expect(events.map(&:watch)).to all(be(watch))
    expect(events.map(&:path)).to eq [path("a"), dir]
  end

  it "is another one when its path is watched again" do
    watch.remove
    again = instance.add_watch(dir, :create)
    expect(again).not_to eq watch
    expect([again.wd, again.removed?, watch.removed?]).to eq [2, false, true]
  end

  it "never gets another watch's events" do
    dirs = Array.new(20) { |number| path(number.to_s).tap { |made| Dir.mkdir(made) } }
    200.times do |number|
      of = dirs[number % 20]
      added = instance.add_watch(of, :create)
      File.write("#{of}/#{number}", "")
      added.remove if number.odd?
    end
    created = drain(instance).select(&:create?)
    expect(created.map(&:path)).to eq(Array.new(200) { |number| "#{dirs[number % 20]}/#{number}" })
  end

  it "ends with its instance" do
    watch
    instance.close
    expect([watch.removed?, watch.remove]).to eq [true, false]
  end

  it "removes nothing of an instance that took the number of its own" do
    watch
    number = instance.fileno
    instance.close
    other = new_instance
    kept = other.add_watch(dir, :create)
    expect(other.fileno).to eq number
    expect(watch.remove).to be false
    expect(kernel_wds(other.fileno)).to eq [kept.wd]
  end

  context "when its instance was collected" do
    # Conservative as the collector is, it may keep some of them.
    def collected(script) = ruby(<<~RUBY)
      watches = Array.new(50) { Thread.new { Inotify::Instance.new.add_watch("/", :create) }.value }
      3.times { GC.start }
      #{script}
    RUBY

    it "is removed" do
      expect(collected("p watches.count(&:removed?) > 40")).to eq "true"
    end

    it "removes nothing of a stranger that has its instance's number" do
      expect(collected(<<~RUBY)).to eq "[true]"
        strangers = Array.new(50) { Inotify::Instance.new.tap { |stranger| stranger.add_watch("/", :create) } }
        watches.each(&:remove)
        p strangers.map { |stranger| File.read("/proc/self/fdinfo/\#{stranger.fileno}").include?("inotify wd:1 ") }.uniq
      RUBY
    end
  end
end
