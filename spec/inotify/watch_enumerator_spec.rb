# frozen_string_literal: true

RSpec.describe Inotify, ".watch without a block" do
  let(:fd) { watching(:create) }

  before { fd }

  it "gives an Enumerator" do
    expect(Inotify.watch(fd)).to be_an(Enumerator)
  end

  it "reads nothing until it is asked" do
    touch("a")
    Inotify.watch(fd)
    expect(names(fd)).to eq ["a"]
  end

  it "does not look at the descriptor until it is asked" do
    expect(Inotify.watch(closed_descriptor)).to be_an(Enumerator)
  end

  it "does not know its size" do
    expect(Inotify.watch(fd).size).to be_nil
  end

  it "gives one event after the other with next" do
    touch("a", "b")
    enumerator = Inotify.watch(fd)
    expect(Array.new(2) { enumerator.next.name }).to eq %w[a b]
  end

  it "ends with StopIteration after one batch, which reports how many there were" do
    touch("a", "b")
    enumerator = Inotify.watch(fd)
    2.times { enumerator.next }
    expect { enumerator.next }.to raise_error(an_object_having_attributes(class: StopIteration, result: 2))
  end

  it "gives the next batch when it is rewound" do
    touch("a")
    enumerator = Inotify.watch(fd)
    enumerator.next
    touch("b")
    expect(enumerator.rewind.next.name).to eq "b"
  end

  it "gives the same event with peek and next" do
    touch("a")
    enumerator = Inotify.watch(fd)
    expect(enumerator.peek).to be enumerator.next
  end

  it "gives a batch as an Array" do
    touch("a", "b")
    expect(Inotify.watch(fd).to_a.map(&:name)).to eq %w[a b]
  end

  it "loses nothing when only the first are asked for" do
    touch("a", "b", "c")
    expect([Inotify.watch(fd).first(2).map(&:name), names(fd)]).to eq [%w[a b], %w[c]]
  end

  it "is lazy when asked to be" do
    touch("a", "b", "c")
    found = Inotify.watch(fd).lazy.map(&:name).first(1)
    expect([found, names(fd)]).to eq [%w[a], %w[b c]]
  end

  it "numbers the events" do
    touch("a", "b")
    expect(Inotify.watch(fd).with_index(1).map { |event, index| [event.name, index] }).to eq [["a", 1], ["b", 2]]
  end

  it "gives a block of each with two parameters event and name" do
    touch("a")
    found = []
    Inotify.watch(fd).each { |event, name| found << [event.name, name] }
    expect(found).to eq [%w[a a]]
  end

  it "returns how many events each yielded" do
    touch("a", "b")
    expect(Inotify.watch(fd).each(&:name)).to eq 2
  end

  it "keeps the timeout" do
    expect(within { Inotify.watch(fd, timeout: 0.01).to_a }).to eq []
  end

  it "refuses a wrong timeout when it is asked" do
    expect { Inotify.watch(fd, timeout: -1).to_a }.to raise_error(ArgumentError)
  end

  it "lets through what its consumer raises" do
    touch("a", "b")
    expect { Inotify.watch(fd).map { |event| Integer(event.name) } }.to raise_error(ArgumentError, /"a"/)
    expect(names(fd)).to eq ["b"]
  end
end
