# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#each left early" do
  let(:instance) { instance_watching(:create) }

  before do
    instance
    touch("a", "b", "c")
  end

  # rubocop:disable Lint/UnreachableLoop
  ways = {
    "break" => ->(instance) { instance.each { |_| break } },
    "raise" => lambda do |instance|
      instance.each { |_| raise Interruptions::Left }
    rescue Interruptions::Left
      nil
    end,
    "throw" => ->(instance) { catch(:left) { instance.each { |_| throw :left } } },
    "a StopIteration" => ->(instance) { loop { instance.each { |_| raise StopIteration } } },
    "a thread's end" => ->(instance) { Thread.new { instance.each { |_| Thread.exit } }.join },
    "an abandoned fiber" => ->(instance) { Fiber.new { instance.each { |_| Fiber.yield } }.resume }
  }
  # rubocop:enable Lint/UnreachableLoop

  ways.each do |name, leave|
    it "keeps the rest after #{name}" do
      leave.call(instance)
      expect(next_names(instance, 2)).to eq %w[b c]
    end

    it "keeps the descriptor readable for the rest after #{name}" do
      leave.call(instance)
      expect(selected?(instance)).to be true
      instance.read
      expect(selected?(instance)).to be false
    end
  end

  it "keeps the rest after return" do
    expect(take_one(instance).name).to eq "a"
    expect(next_names(instance, 2)).to eq %w[b c]
  end

  it "lets an exception through with its message and backtrace" do
    raising = ->(_) { raise Interruptions::Left, "said" }
    line = __LINE__ - 1
    expect { instance.each(&raising) }.to raise_error(Interruptions::Left, "said") { |error|
      expect(error.backtrace.first).to start_with "#{__FILE__}:#{line}"
    }
  end

  it "keeps the order when new events come meanwhile" do
    take_one(instance)
    touch("d")
    expect(drain_names(instance)).to eq %w[b c d]
  end

  it "hands out each event once, however often it is left" do
    touch_many(100)
    names = Array.new(103) { take_one(instance).name }
    expect(names).to eq %w[a b c] + Array.new(100) { |number| format("%05d", number) }
  end

  it "wakes another thread that waits for events" do
    drain(instance)
    waiting = Array.new(2) { sleeping_thread { take_one(instance).name } }
    touch("d", "e")
    expect(within { waiting.map(&:value) }.sort).to eq %w[d e]
  end

  it "leaves no watch of its own behind" do
    take_one(instance)
    instance.read
    expect(kernel_wds(instance.fileno)).to eq [1]
    expect(instance.watches.map(&:wd)).to eq [1]
  end
end
