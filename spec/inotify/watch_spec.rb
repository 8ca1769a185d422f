# frozen_string_literal: true

RSpec.describe Inotify, ".watch" do
  let(:fd) { watching(:create) }

  before { fd }

  it "yields the events in order" do
    touch("a", "b", "c")
    seen = []
    Inotify.watch(fd) { |event| seen << event.name }
    expect(seen).to eq %w[a b c]
  end

  it "yields an Event" do
    touch("a")
    Inotify.watch(fd) { |event| expect(event).to be_an(Inotify::Event) }
  end

  it "returns how many events were yielded" do
    touch("a", "b", "c")
    expect(Inotify.watch(fd) { |event| event }).to eq 3
  end

  it "returns an Integer whatever the block returns" do
    touch("a")
    expect(Inotify.watch(fd) { nil }).to eq 1
  end

  it "yields at least one event before it returns" do
    touch("a")
    expect(Inotify.watch(fd) { |event| event }).to be_positive
  end

  it "yields each event once" do
    touch("a")
    Inotify.watch(fd) { |event| event }
    expect(Inotify.watch(fd, timeout: 0) { |event| event }).to eq 0
  end

  it "reads the queue once, so that what the block makes happen comes with the next call" do
    touch("a")
    seen = []
    Inotify.watch(fd) do |event|
      seen << event.name
      touch("b")
    end
    expect([seen, names(fd)]).to eq [["a"], ["b"]]
  end

  it "yields thousands of events over several calls, all and in order", :slow do
    touch_many(3_000)
    expect(names(fd)).to eq numbered_names(3_000)
  end

  it "takes an object that converts to an Integer as descriptor" do
    touch("a")
    expect(Inotify.watch(Struct.new(:to_int).new(fd)) { |event| event }).to eq 1
  end

  it "refuses a second positional argument" do
    expect { Inotify.watch(fd, 1) { nil } }.to raise_error(ArgumentError)
  end

  it "refuses an unknown keyword" do
    expect { Inotify.watch(fd, limit: 1) { nil } }.to raise_error(ArgumentError, /limit/)
  end

  context "when the queue is IN_NONBLOCK" do
    let(:fd) { watching(:create, flags: Inotify::Flags::IN_NONBLOCK) }

    it "returns 0 at once when there is nothing" do
      expect(within { Inotify.watch(fd) { raise "an event" } }).to eq 0
    end

    it "returns 0 at once even with a timeout" do
      expect(within { Inotify.watch(fd, timeout: 10_000) { raise "an event" } }).to eq 0
    end

    it "yields what there is" do
      touch("a", "b")
      expect(names(fd)).to eq %w[a b]
    end

    it "yields the rest after the block was left" do
      touch("a", "b")
      Inotify.watch(fd) { break }
      expect(names(fd)).to eq %w[b]
    end
  end

  it "never waits once the program sets O_NONBLOCK itself" do
    require "io/nonblock"
    IO.for_fd(fd, autoclose: false).nonblock = true
    expect(within { Inotify.watch(fd) { raise "an event" } }).to eq 0
  end
end
