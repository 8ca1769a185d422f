# frozen_string_literal: true

RSpec.describe Inotify, "delivering while the collector is at work" do
  let(:names) { Array.new(120) { |number| "#{number}-#{"n" * (number % 40)}" } }

  def told(fd)
    kept = []
    Inotify.watch(fd) { |event, name| kept << [event, name, yield] } while kept.size < names.size
    kept.map { |event, name, _| [event.name, name] }
  end

  # At every allocation of the delivery. In a process of its own: a collection takes as long as there are objects.
  it "loses and breaks nothing under GC.stress" do
    touch(*names)
    expect(ruby(<<~RUBY)).to eq names.sort.inspect
      names = #{names.inspect}
      fd = Inotify.init
      Inotify.add_watch(fd, #{dir.inspect}, :delete)
      names.each { |name| File.unlink(File.join(#{dir.inspect}, name)) }
      kept = []
      begin
        GC.stress = true
        Inotify.watch(fd) { |event, name| kept << [event, name] } while kept.size < names.size
      ensure
        GC.stress = false
      end
      p kept.map { |event, name| event.name == name && name }.sort
    RUBY
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
