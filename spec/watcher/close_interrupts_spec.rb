# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#close, wherever an interrupt strikes" do
  # One that asks a predicate: all else of a wait is native.
  def asking_watcher = watch(only: ->(_path) { true })

  def waiting_for(watcher)
    sleeping_thread do
      yield -> { watcher.take }
    rescue IOError
      nil
    end
  end

  # How many descriptors there are more than before.
  def left_open
    before = watcher_descriptors
    within { yield.join }
    watcher_descriptors - before
  end

  it "closes the descriptors when the wait that it ends is interrupted" do
    left = each_strike do |strike|
      left_open do
        waiting = waiting_for(watcher = asking_watcher) { |wait| strike.during(&wait) }
        watcher.close
        waiting
      end
    end
    expect(left).to have_attributes(size: be > 10).and all(be_zero)
  end
end
