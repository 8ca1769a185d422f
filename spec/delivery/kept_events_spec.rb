# frozen_string_literal: true

# Events that are read together share memory, and the collector takes some of them earlier than others.
RSpec.describe Inotify::Event, "kept after the block" do
  def name_of(number) = "#{number}-#{"é" * (number % 100)}"

  # Reads the events of so many new files, in batches; returns those that the block picks by their number.
  def keep(count)
    fd = watching(:create)
    count.times { |number| File.write(path(name_of(number)), "") }
    numbers = (0...count).each
    kept = {}
    count -= Inotify.watch(fd) { |event| yield(number = numbers.next) && kept[number] = event } while count.positive?
    kept
  end

  def shred
    GC.start
    Array.new(20_000) { "x" * 40 }
    GC.compact if GC.respond_to?(:compact)
  end

  {
    "all of them" => ->(_) { true },
    "one in a hundred" => ->(number) { (number % 100).zero? },
    "all but one in seven" => ->(number) { (number % 7).positive? }
  }.each do |which, pick|
    it "has its name and fields, when #{which} are kept", :slow do
      kept = keep(3_000, &pick)
      shred
      reported = kept.transform_values { |event| [event.name, event.mask, event.wd, event.cookie] }
      expect(reported).to eq(kept.to_h { |number, _| [number, [name_of(number), Inotify::Flags::IN_CREATE, 1, 0]] })
    end
  end

  it "has it when its descriptor is closed and all else of the batch is gone" do
    kept = keep(50) { |number| number == 25 }
    close_descriptors
    shred
    expect(kept[25].name).to eq name_of(25)
  end

  it "is frozen and shareable" do
    event = keep(1) { true }[0]
    expect([event.frozen?, Ractor.shareable?(event)]).to eq [true, true]
  end

  it "takes no instance variable" do
    event = keep(1) { true }[0]
    expect { event.instance_variable_set(:@note, 1) }.to raise_error(FrozenError)
  end

  it "gives a name that may be changed without changing the event" do
    event = keep(1) { true }[0]
    event.name << "changed"
    expect(event.name).to eq name_of(0)
  end
end
