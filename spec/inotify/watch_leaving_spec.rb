# frozen_string_literal: true

require "English"

RSpec.describe Inotify, ".watch whose block is left" do
  it_behaves_like "blocks that are left", FrontEnds::Calls

  context "with four events" do
    let(:fd) { watching(:create) }
    let(:seen) { [] }

    before do
      fd
      touch("a", "b", "c", "d")
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

    it "lets StopIteration through" do
      expect { Inotify.watch(fd) { raise StopIteration, "mine" } }.to raise_error(StopIteration, "mine")
    end

    it "keeps the cause of what the block raises" do
      Inotify.watch(fd) do
        raise "first"
      rescue RuntimeError
        raise Interruptions::Left
      end
    rescue Interruptions::Left
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
end
