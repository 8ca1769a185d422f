# frozen_string_literal: true

RSpec.describe Inotify, "whose queue overflows", queue_limit: true do
  let(:fd) { with_queue_of(4) { inotify } }

  before do
    Inotify.add_watch(fd, dir, :create)
    touch("a", "b", "c", "d", "e", "f")
  end

  it "yields all that came before, and then the overflow" do
    expect(events(fd).map { |event| event.name || event.flags }).to eq ["a", "b", "c", "d", [:q_overflow]]
  end

  it "yields the overflow as an event of no watch" do
    expect(events(fd).last).to have_attributes(wd: -1, flags: [:q_overflow], cookie: 0, len: 0, name: nil)
  end

  it "yields an overflow that says so" do
    expect(events(fd).map(&:q_overflow?)).to eq [false, false, false, false, true]
  end

  it "gives a block with two parameters an empty name" do
    found = []
    Inotify.watch(fd) { |event, name| found << name if event.q_overflow? }
    expect(found).to eq [""]
  end

  it "shows the overflow" do
    expect(events(fd).last.inspect).to eq "#<Inotify::Event wd=-1 q_overflow>"
  end

  it "goes on afterwards" do
    events(fd)
    touch("g")
    expect(names(fd)).to eq ["g"]
  end
end
