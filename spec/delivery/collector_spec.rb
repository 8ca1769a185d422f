# frozen_string_literal: true

RSpec.describe Inotify, "delivering while the collector is at work" do
  let(:names) { Array.new(120) { |number| "#{number}-#{"n" * (number % 40)}" } }

  def told(fd)
    kept = []
    Inotify.watch(fd) { |event, name| kept << [event, name, yield] } while kept.size < names.size
    kept.map { |event, name, _| [event.name, name] }
  end

  # At every allocation of the delivery.
  it "loses and breaks nothing under GC.stress" do
    fd = watching(:create)
    touch(*names)
    begin
      GC.stress = true
      pairs = told(fd) { nil }
    ensure
      GC.stress = false
    end
    expect(pairs).to eq(names.map { |name| [name, name] })
  end

  it "loses and breaks nothing while the heap is compacted", if: GC.respond_to?(:compact) do
    fd = watching(:create)
    touch(*names)
    expect(told(fd) { GC.compact }).to eq(names.map { |name| [name, name] })
  end

  it "keeps the watches of an instance's events", if: GC.respond_to?(:compact) do
    events = Inotify::Instance.open do |instance|
      instance.add_watch(dir, :create)
      touch(*names)
      instance.first(names.size).each { GC.compact }
    end
    GC.start
    expect(events.map(&:path)).to eq(names.map { |name| path(name) })
  end
end
