# frozen_string_literal: true

RSpec.describe Inotify, "and what an event allocates" do
  # The objects made by the block, in a process where nothing else makes any.
  def objects(count, block)
    Float(ruby(<<~RUBY)) / count
      fd = Inotify.init
      Dir.mktmpdir do |dir|
        Inotify.add_watch(fd, dir, :create)
        #{count}.times { |number| File.write(File.join(dir, format("name-%d", number)), "") }
        GC.disable
        count = 0
        before = GC.stat(:total_allocated_objects)
        count += Inotify.watch(fd) #{block} while count < #{count}
        p GC.stat(:total_allocated_objects) - before
      end
    RUBY
  end

  # The calls themselves make some.
  it "is one object for a block that takes the event" do
    expect(objects(2_000, "{ |event| event.mask }")).to be_within(0.1).of(1)
  end

  it "is two for a block that takes its name, too" do
    expect(objects(2_000, "{ |event, name| name.size }")).to be_within(0.1).of(2)
  end
end
