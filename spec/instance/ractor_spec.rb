# frozen_string_literal: true

RSpec.describe Inotify::Instance, "and Ractors" do
  around do |example|
    before = Warning[:experimental]
    Warning[:experimental] = false
    example.run
  ensure
    Warning[:experimental] = before
  end

  it "opens, watches, waits, reads and closes inside one" do
    ractor = Ractor.new(dir) do |dir|
      Inotify::Instance.open do |instance|
        instance.add_watch(dir, :create)
        File.write("#{dir}/a", "")
        File.write("#{dir}/b", "")
        [instance.first.path, instance.events_waiting?, *instance.read.map(&:name), instance.read(timeout: 0.01)]
      end
    end
    expect(value_of(ractor)).to eq [path("a"), true, "b", []]
  end

  it "waits inside one while the main Ractor runs" do
    reader, writer = IO.pipe
    ractor = Ractor.new(dir, writer.fileno) do |dir, ready|
      Inotify::Instance.open do |instance|
        instance.add_watch(dir, :create)
        IO.for_fd(ready, autoclose: false).syswrite(".")
        instance.read.map(&:name)
      end
    end
    within { reader.read(1) }
    touch("a")
    expect(value_of(ractor)).to eq ["a"]
  ensure
    [reader, writer].each(&:close)
  end

  it "shares events and watches" do
    instance = instance_watching(:create)
    touch("a")
    event = instance.read.first
    expect([event, event.watch].map { |object| Ractor.shareable?(object) }).to eq [true, true]
    ractor = Ractor.new(event) { |shared| [shared.path, shared.watch.flags, shared.watch.removed?, shared.inspect] }
    expect(value_of(ractor)).to eq [path("a"), [:create], false, event.inspect]
  end

  it "removes a watch from another Ractor, once" do
    instance = instance_watching(:create)
    watch = instance.watches.first
    ractors = Array.new(4) { Ractor.new(watch, &:remove) }
    expect(ractors.map { |ractor| value_of(ractor) }.tally).to eq(true => 1, false => 3)
    expect([watch.removed?, drain(instance).map(&:flags)]).to eq [true, [[:ignored]]]
  end

  it "knows in another Ractor that the instance was closed" do
    instance = instance_watching(:create)
    watch = instance.watches.first
    instance.close
    expect(value_of(Ractor.new(watch) { |shared| [shared.removed?, shared.remove] })).to eq [true, false]
  end

  it "keeps events and watches of a Ractor that has ended" do
    event = value_of(Ractor.new(dir) do |dir|
      instance = Inotify::Instance.new
      instance.add_watch(dir, :create)
      File.write("#{dir}/a", "")
      instance.read.first
    ensure
      instance.close
    end)
    GC.start
    expect([event.path, event.watch.removed?]).to eq [path("a"), true]
  end

  it "works in several at once", :slow do
    ractors = Array.new(4) do |number|
      of = path(number.to_s).tap { |made| Dir.mkdir(made) }
      Ractor.new(of) do |dir|
        Inotify::Instance.open do |instance|
          watch = instance.add_watch(dir, :create)
          Array.new(500) { |file| File.write("#{dir}/#{file}", "") && instance.first }.count do |event|
            event.watch == watch && event.path == "#{dir}/#{event.name}"
          end
        end
      end
    end
    expect(ractors.map { |ractor| value_of(ractor) }).to eq [500] * 4
  end

  it "is not passed to another Ractor" do
    instance = instance_watching(:create)
    expect { Ractor.new(instance, &:itself) }.to raise_error(StandardError)
    expect(Ractor.shareable?(instance)).to be false
  end

  it "removes watches while their instance adds and closes, safely", :slow do
    paths = Array.new(10) { |number| path(number.to_s).tap { |path| Dir.mkdir(path) } }
    100.times do
      instance = new_instance
      watches = paths.map { |path| instance.add_watch(path, :create) }
      removing = Ractor.new(watches) { |shared| shared.map(&:remove).size }
      instance.close
      expect(value_of(removing)).to eq watches.size
    end
  end
end
