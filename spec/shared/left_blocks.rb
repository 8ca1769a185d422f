# frozen_string_literal: true

# The ways to leave a block that gets one event after another. `deliver` is called with such a block, or without one for
# an Enumerator; the block is left at the event for which `last` returns true.
module LeftBlocks
  LEAVES = {
    "break" => ->(deliver, &last) { deliver.call { |event| break if last.call(event) } },
    "break with two parameters" => ->(deliver, &last) { deliver.call { |event, _name| break if last.call(event) } },
    "throw" => ->(deliver, &last) { catch(:left) { deliver.call { |event| throw :left if last.call(event) } } },
    "StopIteration" => ->(deliver, &last) { loop { deliver.call { |event| raise StopIteration if last.call(event) } } },
    "an abandoned Enumerator" => ->(deliver, &last) { deliver.call.tap { |events| nil until last.call(events.next) } },
    "raise" => lambda do |deliver, &last|
      deliver.call { |event| raise Interruptions::Left if last.call(event) }
    rescue Interruptions::Left
      nil
    end,
    "an exit of the thread" => lambda do |deliver, &last|
      Thread.new { deliver.call { |event| Thread.exit if last.call(event) } }.join
    end,
    "an abandoned fiber" => lambda do |deliver, &last|
      Fiber.new { deliver.call { |event| Fiber.yield if last.call(event) } }.resume
    end
  }.freeze
end

# Leaving a block early loses nothing.
RSpec.shared_examples "blocks that are left" do |front_end|
  include front_end

  let(:source) { new_source }
  let(:deliver) { ->(&block) { deliver_to(source, &block) } }
  let(:seen) { [] }

  before { source }

  LeftBlocks::LEAVES.each do |name, leave|
    it "keeps the rest, in order, after #{name}" do
      touch("a", "b", "c", "d")
      leave.call(deliver) { |event| (seen << event.name).last == "b" }
      expect([seen, arrived(source)]).to eq [%w[a b], %w[c d]]
    end

    it "loses nothing when #{name} leaves it at every event" do
      names = Array.new(300) { |number| "#{number}-#{"n" * (number % 60)}" }
      touch(*names)
      leave.call(deliver) { |event| seen << event.name } while seen.size < names.size
      expect(seen).to eq names
    end
  end

  def returned
    deliver.call { |event| return event.name }
  end

  it "keeps the rest after return from a method" do
    touch("a", "b", "c")
    expect([returned, arrived(source)]).to eq ["a", %w[b c]]
  end

  it "has what came later after the rest" do
    touch("a", "b")
    returned
    touch("c")
    expect(arrived(source)).to eq %w[b c]
  end

  it "passes an exception on as it is" do
    touch("a")
    error = Interruptions::Left.new("said")
    raising = ->(_) { raise error }
    line = __LINE__ - 1
    expect { deliver.call(&raising) }.to raise_error(error) { |raised|
      expect(raised.backtrace.first).to start_with "#{__FILE__}:#{line}"
    }
  end
end
