# frozen_string_literal: true

RSpec.describe Inotify::Watch, "that the kernel drops" do
  let(:instance) { new_instance }
  let(:watched) { path("watched").tap { |made| Dir.mkdir(made) } }

  it "is removed from the moment its IN_IGNORED is read" do
    watch = instance.add_watch(watched, :create)
    Dir.rmdir(watched)
    expect(watch).not_to be_removed
    expect(drain(instance).map(&:flags)).to eq [[:ignored]]
    expect(watch).to be_removed
  end

  it "is not removed while its IN_IGNORED is held back by an early leave" do
    watch = instance.add_watch(watched, :delete_self)
    Dir.rmdir(watched)
    expect(take_one(instance).flags).to eq [:delete_self]
    expect(watch).not_to be_removed
    expect([take_one(instance).flags, watch.removed?]).to eq [[:ignored], true]
  end

  it "returns false to remove" do
    watch = instance.add_watch(watched, :create)
    Dir.rmdir(watched)
    expect(watch.remove).to be false
    expect(watch).to be_removed
  end

  it "is removed after its one event with oneshot" do
    watch = instance.add_watch(watched, :create, :oneshot)
    File.write("#{watched}/a", "")
    File.write("#{watched}/b", "")
    expect(drain(instance).map(&:flags)).to eq [[:create], [:ignored]]
    expect(watch).to be_removed
  end

  it "is not confused with its successor of the same path" do
    first = instance.add_watch(watched, :create)
    File.write("#{watched}/a", "")
    FileUtils.rm_r(watched)
    Dir.mkdir(watched)
    second = instance.add_watch(watched, :create)
    File.write("#{watched}/b", "")
    events = drain(instance)
    expect(events.map { |event| [event.watch, event.name] }).to eq [[first, "a"], [first, nil], [second, "b"]]
    expect([first.removed?, second.removed?]).to eq [true, false]
  end

  # Queues more events than the kernel keeps; the last of them are dropped.
  def overflow
    instance.add_watch(dir, :attrib)
    touch("one", "two")
    most = Integer(File.read("/proc/sys/fs/inotify/max_queued_events"))
    ((most / 2) + 1).times { %w[one two].each { |name| File.chmod(0o600, path(name)) } }
  end

  it "is removed after an overflow that swallowed its IN_IGNORED, once all is read", :slow do
    watch = instance.add_watch(watched, :create)
    kept = instance.add_watch("/", :create)
    overflow
    Dir.rmdir(watched)
    expect(drain(instance).last).to be_q_overflow.and have_attributes(watch: nil, path: nil)
    expect([watch.removed?, kept.removed?]).to eq [true, false]
    expect(instance.watches.map(&:path)).to eq ["/", dir]
  end

  it "is found quickly among very many after an overflow", :slow do
    names = Array.new(5_000) { |number| path(number.to_s) }
    names.each { |name| Dir.mkdir(name) }
    watches = names.map { |name| instance.add_watch(name, :create) }
    overflow
    Dir.rmdir(names.last)
    drain(instance)
    expect([watches.count(&:removed?), watches.last.removed?]).to eq [1, true]
  end

  it "is given by events after an overflow", :slow do
    overflow
    drain(instance)
    File.chmod(0o600, path("one"))
    expect(drain(instance).map(&:path)).to eq [path("one")]
  end

  it "leaves select right after an overflow that swallowed the mark of an early leave", :slow do
    instance.add_watch(dir, :create)
    touch("a", "b")
    overflow
    take_one(instance)
    drain(instance)
    expect([selected?(instance), instance.events_waiting?]).to eq [false, false]
  end
end
