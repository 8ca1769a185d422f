# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#each" do
  let(:watcher) { watch }

  before { watcher }

  it "yields changes as they come, never none" do
    batches = []
    running = Thread.new { watcher.each { |changes| batches << changes } }
    %w[a b].each { |name| touch(name) && wait_until { batches.flatten.any? { |change| change.path == path(name) } } }
    watcher.close
    expect(within { running.value }).to be watcher
    expect(short(batches.flatten)).to eq [[:created, "a"], [:created, "b"]]
    expect(batches).to all(be_a(Array) & be_any)
  end

  it "is called run as well" do
    touch("a")
    watcher.run { |changes| changes.each { |change| expect(change.path).to eq path("a") } && watcher.close }
    expect(watcher).to be_closed
  end

  it "returns when the block closes" do
    touch("a")
    expect(within { watcher.each { watcher.close } }).to be watcher
  end

  it "lets its block take, and be left" do
    touch("a")
    left = within do
      watcher.each do |changes| # rubocop:disable Lint/UnreachableLoop
        touch("b")
        break short(changes + watcher.take)
      end
    end
    expect(left).to eq [[:created, "a"], [:created, "b"]]
  end

  it "lets what the block raises through, and goes on where it ended" do
    touch("a")
    raising = ->(_) { raise Interruptions::Left, "said" }
    expect { within { watcher.each(&raising) } }.to raise_error Interruptions::Left, "said"
    touch("b")
    expect(reported(watcher)).to eq [[:created, "b"]]
  end

  it "returns an Enumerator without a block" do
    touch("a")
    enumerator = watcher.each
    expect(short(within { enumerator.next })).to eq [[:created, "a"]]
    touch("b")
    expect(short(within { watcher.run.first })).to eq [[:created, "b"]]
  end

  it "takes a lambda, a method and a Symbol's block" do
    seen = []
    touch("a")
    watcher.each(&->(changes) { (seen << changes.size) && watcher.close })
    other = watch
    define_singleton_method(:see) { |changes| (seen << changes.size) && other.close }
    touch("b")
    other.each(&method(:see))
    expect(seen).to eq [1, 1]
  end

  it "raises IOError once it is closed" do
    watcher.close
    expect { watcher.each(&:size) }.to raise_error IOError, /closed/
  end
end
