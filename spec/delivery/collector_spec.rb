# frozen_string_literal: true

# In processes of their own: a collection takes as long as there are objects, and among all specs there are many.
RSpec.describe Inotify, "delivering while the collector is at work" do
  let(:names) { Array.new(120) { |number| "#{number}-#{"n" * (number % 40)}" } }

  # The lines a script prints that has the names, the directory, and a descriptor that reports what is made there.
  def collected(script)
    ruby(<<~RUBY).lines(chomp: true)
      names = #{names.inspect}
      dir = #{dir.inspect}
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      make = -> { names.each { |name| File.write(File.join(dir, name), "") } }
      #{script}
    RUBY
  end

  # At every allocation of the delivery.
  it "loses and breaks nothing under GC.stress" do
    expect(collected(<<~RUBY)).to eq ["true"]
      make.call
      kept = []
      begin
        GC.stress = true
        Inotify.watch(fd) { |event, name| kept << [event, name] } while kept.size < names.size
      ensure
        GC.stress = false
      end
      p kept.map { |event, name| [event.name, name] } == names.zip(names)
    RUBY
  end

  it "loses and breaks nothing while the heap is compacted", if: GC.respond_to?(:compact) do
    expect(collected(<<~RUBY)).to eq ["true"]
      make.call
      kept = []
      Inotify.watch(fd) { |event, name| kept << [event, name, GC.compact] } while kept.size < names.size
      p kept.map { |event, name, _| [event.name, name] } == names.zip(names)
    RUBY
  end

  it "keeps the watches of an instance's events", if: GC.respond_to?(:compact) do
    expect(collected(<<~RUBY)).to eq ["true"]
      events = Inotify::Instance.open do |instance|
        instance.add_watch(dir, :create)
        make.call
        instance.first(names.size).each { GC.compact }
      end
      GC.start
      p events.map(&:path) == names.map { |name| File.join(dir, name) }
    RUBY
  end
end
