# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "interrupted" do
  let(:watcher) { watch(debounce: 0) }

  before { watcher }

  it_behaves_like "waits that can be interrupted", FrontEnds::Watcher

  it "leaves sync, paths and stop by Timeout" do
    watcher.start { sleep }
    touch("a")
    expect { Timeout.timeout(0.05) { watcher.stop } }.to raise_error Timeout::Error
    expect { Timeout.timeout(0.05) { loop { watcher.sync && watcher.paths } } }.to raise_error Timeout::Error
    Thread.list.find { |thread| thread.name == "Inotify::Watcher" }.kill
    expect(within { watcher.stop }).to be watcher
  end

  it "returns each change once, wherever one strikes while a predicate is asked" do
    asking = watch(debounce: 0, only: ->(_path) { true })
    touched = []
    taken = []
    each_strike do |strike|
      touch((touched << format("%05d", touched.size)).last)
      strike.during { taken.concat(synced(asking).take(timeout: 0)) }
    end
    # One batch may be left that the predicate was asked about, and another one.
    2.times { taken.concat(changes(asking)) }
    expect([touched.size > 20, created(taken)]).to eq [true, touched]
  end

  it "has no place where one could strike in a take that asks nobody" do
    touch("a")
    synced(watcher)
    expect(each_strike { |strike| strike.during { watcher.take } }).to be_empty
  end

  def created(changes) = changes.select(&:created?).map { |change| below(change.path) }

  it "loses no batch that a predicate is asked about by thousands of interruptions", :slow do
    filtering = watch(debounce: 0, only: ->(_) { true })
    seen = []
    interrupt_while_touching(1_000) { filtering.each { |changes| seen.concat(changes) } }
    expect(created(seen + changes(filtering)).sort).to eq numbered_names(1_000)
  end
end
