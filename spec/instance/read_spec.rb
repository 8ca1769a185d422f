# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#read" do
  let(:instance) { instance_watching(:create) }

  before { instance }

  it "returns all that is queued" do
    touch("a", "b", "c")
    expect(instance.read.map(&:name)).to eq %w[a b c]
  end

  it "returns what an early end of each left, and no more" do
    touch("a", "b")
    take_one(instance)
    touch("c")
    expect(instance.read.map(&:name)).to eq ["b"]
    expect(instance.read.map(&:name)).to eq ["c"]
  end

  it "waits for the first event" do
    waiting = sleeping_thread { instance.read }
    touch("a")
    expect(within { waiting.value }.map(&:name)).to eq ["a"]
  end

  it "waits although it had to wake a select before" do
    touch("a", "b")
    take_one(instance)
    instance.read
    waiting = sleeping_thread { instance.read }
    touch("c")
    expect(within { waiting.value }.map(&:name)).to eq ["c"]
  end

  it "returns an empty Array when the timeout has passed" do
    elapsed = seconds { expect(instance.read(timeout: 0.05)).to eq [] }
    expect(elapsed).to be_between(0.05, Waiting::LIMIT)
  end

  it "waits for its whole timeout although it had to wake a select before" do
    touch("a", "b")
    take_one(instance)
    instance.read
    expect(seconds { instance.read(timeout: 0.05) }).to be >= 0.05
  end

  it "does not wait with a timeout of 0" do
    expect(within { instance.read(timeout: 0) }).to eq []
    touch("a")
    expect(instance.read(timeout: 0).map(&:name)).to eq ["a"]
  end

  it "waits for ever with a timeout of nil" do
    waiting = sleeping_thread { instance.read(timeout: nil) }
    touch("a")
    expect(within { waiting.value }.size).to eq 1
  end

  [5, 2.5, Rational(5, 2), Float::INFINITY, 2**70, 1e300].each do |timeout|
    it "takes a timeout of #{timeout.inspect}" do
      waiting = sleeping_thread { instance.read(timeout: timeout) }
      touch("a")
      expect(within { waiting.value }.size).to eq 1
    end
  end

  [-1, -0.001, -Float::INFINITY, Float::NAN].each do |timeout|
    it "refuses a timeout of #{timeout}" do
      expect { instance.read(timeout: timeout) }.to raise_error ArgumentError, /timeout/
    end
  end

  ["1", :one, [], Complex(0, 1), true, false].each do |timeout|
    it "refuses a timeout of #{timeout.inspect}, and names what is right" do
      expect { instance.read(timeout: timeout) }.to raise_error TypeError, /a number of seconds or nil/
    end
  end

  it "takes no positional argument, and no other keyword" do
    expect { instance.read(1) }.to raise_error ArgumentError
    expect { instance.read(timout: 1) }.to raise_error ArgumentError, /timout/
  end

  it "raises IOError once it is closed" do
    instance.close
    expect { instance.read }.to raise_error IOError, /closed/
    expect { instance.read(timeout: 0) }.to raise_error IOError, /closed/
  end

  it "raises with the caller's backtrace" do
    instance.close
    line = __LINE__ + 1
    expect { instance.read }.to raise_error(IOError) { |error|
      expect(error.backtrace).to include(/\A#{Regexp.escape(__FILE__)}:#{line}/)
    }
  end

  it "never returns an empty Array without a timeout, however many threads read" do
    readers = Array.new(4) do
      Thread.new do
        batches = []
        loop { batches << instance.read.map(&:name) }
      rescue IOError
        batches
      end
    end
    touch_many(300)
    wait_until { !instance.events_waiting? }
    instance.close
    batches = within { readers.flat_map(&:value) }
    expect(batches).not_to include []
    expect(batches.flatten.sort).to eq numbered_names(300)
  end
end
