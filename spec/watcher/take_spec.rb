# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#take" do
  it "waits for the first changes" do
    watcher = watch
    waiting = sleeping_thread { watcher.take }
    touch("a")
    expect(short(within { waiting.value })).to eq [[:created, "a"]]
  end

  it "returns an empty Array after the timeout" do
    watcher = watch
    elapsed = seconds { expect(watcher.take(timeout: 0.05)).to eq [] }
    expect(elapsed).to be_between(0.05, Waiting::LIMIT)
  end

  it "does not wait with a timeout of 0" do
    expect(within { watch.take(timeout: 0) }).to eq []
  end

  it "returns what lies ready with a timeout of 0" do
    watcher = watch
    touch("a")
    expect(short(synced(watcher).take(timeout: 0))).to eq [[:created, "a"]]
  end

  it "returns each change once" do
    watcher = watch
    found = %w[a b c].flat_map { |name| touch(name) && watcher.take(timeout: Waiting::LIMIT) }
    expect([short(found), reported(watcher)]).to eq [[[:created, "a"], [:created, "b"], [:created, "c"]], []]
  end

  [-1, Float::NAN].each do |given|
    it "refuses #{given} as a timeout with ArgumentError" do
      watcher = watch
      expect { watcher.take(timeout: given) }.to raise_error(ArgumentError, /timeout/)
    end
  end

  it "refuses what is no number as a timeout, and unknown keywords" do
    watcher = watch
    expect { watcher.take(timeout: "1") }.to raise_error(TypeError, /timeout/)
    expect { watcher.take(limit: 1) }.to raise_error(ArgumentError, /limit/)
    expect { watcher.take(1) }.to raise_error(ArgumentError)
  end

  it "raises IOError once it is closed" do
    watcher = watch
    watcher.close
    expect { watcher.take }.to raise_error IOError, "closed Inotify::Watcher"
  end

  it "makes to_io readable for as long as there is something to take" do
    watcher = watch
    expect(selected?(watcher.to_io)).to be false
    touch("a")
    expect(selected?(watcher.to_io, 5)).to be true
    watcher.take
    expect(selected?(watcher.to_io)).to be false
  end

  it "can be selected itself" do
    watcher = watch
    touch("a")
    ready, = IO.select([watcher], nil, nil, 5) # rubocop:disable Lint/IncompatibleIoSelectWithFiberScheduler
    expect([ready, short(watcher.take(timeout: 0))]).to eq [[watcher], [[:created, "a"]]]
  end
end
