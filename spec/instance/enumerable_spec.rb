# frozen_string_literal: true

RSpec.describe Inotify::Instance, "as an Enumerable" do
  let(:instance) { instance_watching(:create) }

  before do
    instance
    touch("a", "b", "c", "d")
  end

  # rubocop:disable Lint/UnreachableLoop
  # Each leaves the endless sequence by itself.
  results = {
    "first" => [->(instance) { instance.first.name }, "a"],
    "first(2)" => [->(instance) { instance.first(2).map(&:name) }, %w[a b]],
    "take" => [->(instance) { instance.take(2).map(&:name) }, %w[a b]],
    "take_while" => [->(instance) { instance.take_while { |event| event.name < "c" }.map(&:name) }, %w[a b]],
    "find" => [->(instance) { instance.find { |event| event.name == "c" }.name }, "c"],
    "find_index" => [->(instance) { instance.find_index { |event| event.name == "c" } }, 2],
    "any?" => [->(instance) { instance.any?(&:create?) }, true],
    "none?" => [->(instance) { instance.none?(&:create?) }, false],
    "each_slice" => [->(instance) { instance.each_slice(2).first.map(&:name) }, %w[a b]],
    "each_cons" => [->(instance) { instance.each_cons(2).first.map(&:name) }, %w[a b]],
    "each_with_index" => [->(instance) { instance.each_with_index.first(2).map(&:last) }, [0, 1]],
    "each_with_object" => [->(instance) { instance.each_with_object([]) { |event, _| break event.name } }, "a"],
    "each_entry" => [->(instance) { instance.each_entry { |event| break event.name } }, "a"],
    "inject" => [->(instance) { instance.inject { |one, event| break one.name + event.name } }, "ab"],
    "zip" => [->(instance) { instance.zip([1]) { |event, number| break [event.name, number] } }, ["a", 1]],
    "map" => [->(instance) { instance.map { |event| break event.name } }, "a"],
    "lazy" => [->(instance) { instance.lazy.map(&:name).select { |name| name > "a" }.first(2) }, %w[b c]],
    "lazy.zip" => [->(instance) { instance.lazy.zip(1..).first.map(&:class) }, [Inotify::Event, Integer]],
    "chunk_while" => [->(instance) { instance.chunk_while { |one, _| one.name != "b" }.first.map(&:name) }, %w[a b]],
    "slice_when" => [->(instance) { instance.slice_when { |one, _| one.name == "b" }.first.map(&:name) }, %w[a b]]
  }
  # rubocop:enable Lint/UnreachableLoop

  results.each do |name, (call, expected)|
    it "returns #{name}" do
      expect(within { call.call(instance) }).to eq expected
    end
  end

  it "keeps what first did not take" do
    expect(instance.first.name).to eq "a"
    expect(next_names(instance, 3)).to eq %w[b c d]
  end

  it "ends to_a when it is closed" do
    all = sleeping_thread { instance.to_a }
    instance.close
    expect(within { all.value }.map(&:name)).to eq %w[a b c d]
  end

  it "ends count when it is closed" do
    counting = sleeping_thread { instance.count(&:create?) }
    instance.close
    expect(within { counting.value }).to eq 4
  end

  it "returns an Enumerator without a block" do
    expect(instance.each).to be_an(Enumerator).and have_attributes(size: nil)
  end

  it "steps through an Enumerator with next and peek" do
    enumerator = instance.each
    expect([enumerator.peek, enumerator.next, enumerator.next].map(&:name)).to eq %w[a a b]
  end

  it "keeps the rest when an Enumerator is dropped" do
    instance.each.next
    expect(next_names(instance, 3)).to eq %w[b c d]
  end

  it "raises StopIteration from next when it is closed" do
    enumerator = instance.each
    enumerator.next
    instance.close
    expect { enumerator.next }.to raise_error StopIteration
  end
end
