# frozen_string_literal: true

require "bigdecimal"

RSpec.describe Inotify, ".watch while it waits" do
  let(:fd) { watching(:create) }

  before { fd }

  it "waits for the first event" do
    waiting = sleeping_thread { batch(fd).map(&:name) }
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  end

  it "waits for ever with timeout: nil" do
    waiting = sleeping_thread { Inotify.watch(fd, timeout: nil) { |event| event } }
    touch("a")
    expect(within { waiting.value }).to eq 1
  end

  [Float::INFINITY, BigDecimal("Infinity"), 1e9, 1e300, 2**70].each do |timeout|
    it "waits for the first event with timeout: #{timeout}" do
      waiting = sleeping_thread { Inotify.watch(fd, timeout: timeout) { |event| event } }
      expect(waiting.status).to eq "sleep"
      touch("a")
      expect(within { waiting.value }).to eq 1
    end
  end

  [0, 0.0, -0.0, 0r].each do |timeout|
    it "returns 0 at once with timeout: #{timeout.inspect}" do
      expect(within { Inotify.watch(fd, timeout: timeout) { raise "an event" } }).to eq 0
    end
  end

  it "yields what there is with timeout: 0" do
    touch("a")
    expect(Inotify.watch(fd, timeout: 0) { |event| event }).to eq 1
  end

  [0.05, 1/20r, BigDecimal("0.05")].each do |timeout|
    it "returns 0 after the timeout of #{timeout.inspect}" do
      expect(Inotify.watch(fd, timeout: timeout) { raise "an event" }).to eq 0
    end

    it "waits as long as the timeout of #{timeout.inspect}" do
      expect(seconds { Inotify.watch(fd, timeout: timeout) { raise "an event" } }).to be_between(0.05, Waiting::LIMIT)
    end
  end

  it "ends before the timeout when there is an event" do
    touch("a")
    expect(within { Inotify.watch(fd, timeout: 10_000) { |event| event } }).to eq 1
  end

  it "has a timeout for the wait alone, not for the block" do
    touch("a", "b")
    seen = []
    Inotify.watch(fd, timeout: 0.001) do |event|
      seen << event.name
      IO.select(nil, nil, nil, 0.005)
    end
    expect(seen).to eq %w[a b]
  end

  [-1, -0.001, -Float::INFINITY, -(2**70)].each do |timeout|
    it "refuses timeout: #{timeout} with ArgumentError" do
      expect { Inotify.watch(fd, timeout: timeout) { nil } }.to raise_error(ArgumentError, /must not be negative/)
    end
  end

  [Float::NAN, BigDecimal("NaN")].each do |timeout|
    it "refuses #{timeout.class} NaN as timeout with ArgumentError, which does not call it negative" do
      expect { Inotify.watch(fd, timeout: timeout) { nil } }
        .to raise_error(ArgumentError, /\A(?!.*negative).*NaN/)
    end
  end

  ["1", :forever, [], Object.new, 1i, true, false].each do |timeout|
    it "refuses #{timeout.class} as timeout with TypeError" do
      expect { Inotify.watch(fd, timeout: timeout) { nil } }.to raise_error(TypeError, /timeout must be a number/)
    end
  end

  it "takes nothing from the queue when the timeout is refused" do
    touch("a")
    expect { Inotify.watch(fd, timeout: -1) { nil } }.to raise_error(ArgumentError)
    expect(names(fd)).to eq ["a"]
  end

  it "goes on waiting when the events were taken by another thread" do
    waiting = Array.new(2) { sleeping_thread { batch(fd).map(&:name) } }
    touch("a")
    wait_until { waiting.any? { |thread| !thread.alive? } }
    touch("b")
    expect(within { waiting.map(&:value) }.flatten).to match_array(%w[a b])
  end

  it "goes on waiting after a signal whose handler returns" do
    handled = Thread::Queue.new
    before = trap(:USR1) { handled << true }
    waiting = sleeping_thread { batch(fd).map(&:name) }
    Process.kill(:USR1, Process.pid)
    within { handled.pop }
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  ensure
    trap(:USR1, before)
  end
end
