# frozen_string_literal: true

# What is left of a batch stays, wherever the block is left and however.
RSpec.describe Inotify, "delivery that is left after every event" do
  let(:names) { Array.new(300) { |number| "#{number}-#{"n" * (number % 60)}" } }

  def all_by_one(fd)
    reported = []
    reported << yield(fd) while reported.size < names.size
    reported
  end

  {
    "break" => ->(fd) { Inotify.watch(fd) { |_event, name| break name } },
    "raise" => lambda do |fd|
      Inotify.watch(fd) { |event| raise IOError, event.name }
    rescue IOError => e
      e.message
    end,
    "throw" => ->(fd) { catch(:name) { Inotify.watch(fd) { |event| throw :name, event.name } } },
    "an Enumerator" => ->(fd) { Inotify.watch(fd).next.name },
    "the end of its thread" => lambda do |fd|
      Thread.new { Inotify.watch(fd) { |event| Thread.current.tap { |thread| thread[:name] = event.name }.kill } }
            .join[:name]
    end
  }.each do |way, one|
    it "loses nothing by #{way}" do
      fd = watching(:create)
      touch(*names)
      expect(all_by_one(fd, &one)).to eq names
    end
  end

  it "loses nothing where the block itself reads on" do
    fd = watching(:create)
    touch(*names)
    reported = []
    Inotify.watch(fd) do |event|
      reported << event.name
      Inotify.watch(fd, timeout: 0) { |inner| break reported << inner.name }
    end
    reported.concat(events(fd).map(&:name))
    expect(reported).to eq names
  end
end
