# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#each" do
  let(:instance) { instance_watching(:create) }

  before { instance }

  it "yields events as they come" do
    touch("a", "b")
    expect(next_names(instance, 2)).to eq %w[a b]
  end

  it "waits for the next event" do
    waiting = sleeping_thread { next_names(instance, 2) }
    touch("a")
    wait_for_sleep(waiting)
    touch("b")
    expect(within { waiting.value }).to eq %w[a b]
  end

  it "yields event and name to a block with two parameters" do
    touch("a")
    found = []
    instance.each { |event, name| found.push(event.name, name) && instance.close }
    expect(found).to eq %w[a a]
  end

  it "yields an empty name to a block with two parameters where the kernel sent none" do
    touch("file")
    on_file = instance_watching(:open, of: path)
    File.open(path, &:itself)
    names = []
    on_file.each { |_, name| (names << name) && on_file.close }
    expect(names).to eq [""]
  end

  it "yields one event to a block that splats" do
    touch("a")
    sizes = []
    instance.each { |*all| (sizes << all.size) && instance.close }
    expect(sizes).to eq [1]
  end

  it "takes a Symbol's block" do
    touch("a")
    hashing = sleeping_thread { instance.each(&:hash) }
    instance.close
    expect(within { hashing.value }).to be instance
  end

  it "takes a lambda with one parameter" do
    touch("a")
    names = []
    seen = ->(event) { (names << event.name) && instance.close }
    instance.each(&seen)
    expect(names).to eq ["a"]
  end

  it "takes a lambda with two parameters" do
    touch("a")
    names = []
    seen = ->(event, name) { (names << event.name << name) && instance.close }
    instance.each(&seen)
    expect(names).to eq %w[a a]
  end

  it "takes a method object" do
    touch("a")
    names = []
    define_singleton_method(:seen) { |event| (names << event.name) && instance.close }
    instance.each(&method(:seen))
    expect(names).to eq ["a"]
  end

  it "returns itself when the block closes it, and drops the rest" do
    touch("a", "b")
    names = []
    returned = instance.each do |event|
      names << event.name
      instance.close
    end
    expect(returned).to be instance
    expect(names).to eq ["a"]
  end

  it "raises IOError once it is closed" do
    instance.close
    expect { instance.each(&:name) }.to raise_error IOError, /closed/
  end

  it "can be called within itself, and delivers each event once" do
    touch("a", "b", "c")
    names = []
    instance.each do |outer|
      names << outer.name
      names << take_one(instance).name if names.size == 1
      break if names.size == 3
    end
    expect(names).to eq %w[a b c]
  end

  it "lets its block read the rest" do
    touch("a", "b", "c")
    rest = instance.lazy.map { instance.read.map(&:name) }.first
    expect(rest).to eq %w[b c]
  end

  it "goes on after its block has read" do
    touch("a", "b")
    names = []
    instance.each do |event|
      names << event.name
      names.concat(instance.read.map(&:name)) && touch("c") if event.name == "a"
      break if event.name == "c"
    end
    expect(names).to eq %w[a b c]
  end
end
