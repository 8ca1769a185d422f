# frozen_string_literal: true

RSpec.describe "INotify::Event" do
  # The events of what the block does in the example's directory.
  def events(*flags)
    notifier = new_notifier
    notifier.watch(dir, *flags)
    yield
    within { notifier.read_events }
  end

  it "knows its watcher, and keeps it when that is closed" do
    notifier = new_notifier
    watcher = notifier.watch(dir, :create)
    touch("a")
    event, = notifier.read_events
    watcher.close
    expect([event.watcher, event.watcher_id, event.notifier]).to eq([watcher, watcher.id, notifier])
    expect(event.absolute_name).to eq(path("a"))
  end

  it "is unlike another with the same fields" do
    first, second = events(:open) { 2.times { File.read(path) && File.write(path("b"), "") } if touch("file") }
    expect([first == second, first.eql?(first.dup)]).to eq([false, true])
  end

  it "has the helper flags, in the order of rb-inotify, in an Array of its own" do
    event, = events(:close_write) { touch("a") }
    event.flags.clear
    expect(event.flags).to eq(%i[close_write close])
  end

  it "knows the other half of a rename" do
    touch("a")
    from, to = events(:move) { File.rename(path("a"), path("b")) }
    expect([from.related, to.related]).to eq([[to], [from]])
    expect(from.cookie).to eq(to.cookie)
  end

  it "has the predicates of Inotify::Event" do
    event, = events(:create) { touch("a") }
    expect([event.create?, event.isdir?, event.mask, event.path]).to eq([true, false, 0x100, path("a")])
  end

  it "has a name that may be changed" do
    event, = events(:create) { touch("a") }
    event.name << "b"
    expect(event.name).to eq("a")
  end
end
