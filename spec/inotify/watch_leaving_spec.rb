# frozen_string_literal: true

require "English"

RSpec.describe Inotify, ".watch whose block is left" do
  let(:fd) { watching(:create) }
  let(:seen) { [] }

  before do
    fd
    touch("a", "b", "c", "d")
  end

  def returning
    Inotify.watch(fd) do |event|
      seen << event.name
      return :returned if event.name == "b"
    end
  end

  leave = Class.new(StandardError)

  # Each calls the block for each event and leaves the watch where the block answers true.
  {
    "break" => ->(fd, &last) { Inotify.watch(fd) { |event| break if last.call(event) } },
    "break with two parameters" => ->(fd, &last) { Inotify.watch(fd) { |event, _name| break if last.call(event) } },
    "throw" => ->(fd, &last) { catch(:left) { Inotify.watch(fd) { |event| throw :left if last.call(event) } } },
    "StopIteration" => ->(fd, &last) { loop { Inotify.watch(fd) { |event| raise StopIteration if last.call(event) } } },
    "an abandoned Enumerator" => ->(fd, &last) { Inotify.watch(fd).tap { |events| nil until last.call(events.next) } },
    "raise" => lambda do |fd, &last|
      Inotify.watch(fd) { |event| raise leave if last.call(event) }
    rescue leave
      nil
    end,
    "an exit of the thread" => lambda do |fd, &last|
      Thread.new { Inotify.watch(fd) { |event| Thread.exit if last.call(event) } }.join
    end,
    "an abandoned fiber" => lambda do |fd, &last|
      Fiber.new { Inotify.watch(fd) { |event| Fiber.yield if last.call(event) } }.resume
    end
  }.each do |name, left|
    it "yields the rest, in order, to the next call after #{name}" do
      left.call(fd) do |event|
        seen << event.name
        event.name == "b"
      end
      expect([seen, names(fd)]).to eq [%w[a b], %w[c d]]
    end
  end

  it "yields the rest to the next call after return from a method" do
    expect([returning, seen, names(fd)]).to eq [:returned, %w[a b], %w[c d]]
  end

  it "goes on after next" do
    Inotify.watch(fd) do |event|
      next if event.name == "a"

      seen << event.name
    end
    expect(seen).to eq %w[b c d]
  end

  it "yields an event again to a block that is redone" do
    Inotify.watch(fd) do |event|
      seen << event.name
      redo if seen == ["a"]
    end
    expect(seen).to eq %w[a a b c d]
  end

  it "returns what break says" do
    expect(Inotify.watch(fd) { break :said }).to eq :said
  end

  it "lets what the block raises through as it is" do
    error = leave.new("left")
    expect { Inotify.watch(fd) { raise error } }.to raise_error(error)
  end

  it "lets StopIteration through" do
    expect { Inotify.watch(fd) { raise StopIteration, "mine" } }.to raise_error(StopIteration, "mine")
  end

  it "keeps the cause of what the block raises" do
    Inotify.watch(fd) do
      raise "first"
    rescue RuntimeError
      raise leave
    end
  rescue leave
    expect($ERROR_INFO.cause.message).to eq "first"
  end

  it "runs the block's ensure" do
    Inotify.watch(fd) do |event|
      break
    ensure
      seen << event.name
    end
    expect(seen).to eq ["a"]
  end

  it "loses nothing when left at each event" do
    4.times { Inotify.watch(fd) { |event| break seen << event.name } }
    expect(seen).to eq %w[a b c d]
  end

  it "yields what is left before what came later" do
    Inotify.watch(fd) { break }
    touch("e")
    expect(names(fd)).to eq %w[b c d e]
  end

  it "yields what is left without reading, so that one call is one batch" do
    Inotify.watch(fd) { break }
    touch("e")
    expect([Inotify.watch(fd) { nil }, Inotify.watch(fd) { nil }]).to eq [3, 1]
  end

  it "yields what is left although the watch was removed" do
    Inotify.watch(fd) { break }
    Inotify.rm_watch(fd, 1)
    expect(names(fd)).to eq ["b", "c", "d", nil]
  end

  it "yields what is left to another thread" do
    Inotify.watch(fd) { break }
    expect(Thread.new { names(fd) }.value).to eq %w[b c d]
  end

  describe "by a fiber switch" do
    it "goes on where it was when resumed" do
      fiber = Fiber.new { Inotify.watch(fd) { |event| Fiber.yield(event.name) } }
      expect(Array.new(5) { fiber.resume }).to eq ["a", "b", "c", "d", 4]
    end

    it "lets others take events meanwhile" do
      fiber = Fiber.new { Inotify.watch(fd) { |event| Fiber.yield(event.name) } }
      first = fiber.resume
      rest = names(fd)
      expect([first, rest, fiber.resume]).to eq ["a", %w[b c d], 1]
    end

    it "yields each event once when two fibers take turns" do
      fibers = Array.new(2) { Fiber.new { Inotify.watch(fd) { |event| Fiber.yield(event.name) } } }
      expect(Array.new(2) { fibers.map(&:resume) }.flatten).to eq %w[a b c d]
    end
  end

  describe "nested in another on the same descriptor" do
    it "yields the rest to the inner call" do
      inner = []
      Inotify.watch(fd) do |event|
        seen << event.name
        Inotify.watch(fd) { |other| inner << other.name }
      end
      expect([seen, inner]).to eq [%w[a], %w[b c d]]
    end

    it "yields the rest to the outer call when the inner is left" do
      inner = []
      Inotify.watch(fd) do |event|
        seen << event.name
        Inotify.watch(fd, timeout: 0) { |other| break inner << other.name }
      end
      expect([seen, inner]).to eq [%w[a c], %w[b d]]
    end

    it "counts the events of each call" do
      counts = []
      counts << Inotify.watch(fd) { counts << Inotify.watch(fd, timeout: 0) { nil } }
      expect(counts).to eq [3, 1]
    end
  end
end
