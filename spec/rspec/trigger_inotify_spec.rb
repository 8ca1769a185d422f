# frozen_string_literal: true

require "pathname"
require "inotify_rs/rspec"

RSpec.describe Inotify::RSpec::Matchers, "#trigger_inotify" do
  it "is met by what the block does, each of it, in any order" do
    expect { touch("x") }.to trigger_inotify(:close_write, :create).on(dir)
  end

  it "is met by anything when nothing is asked for, but not by reading" do
    touch("x")
    expect { File.delete(path("x")) }.to trigger_inotify.on(dir)
    expect { Dir.children(dir) }.not_to trigger_inotify.on(dir)
  end

  it "is met by reading when that is asked for" do
    File.write(path("x"), "content")
    expect { File.read(path("x")) }.to trigger_inotify(:open, :access).on(dir).named("x")
  end

  it "takes flags that stand for several, and those that distinguish directories" do
    expect { Dir.mkdir(path("d")) }.to trigger_inotify(:create, :isdir).on(dir).named("d")
    expect { File.rename(path("d"), path("e")) }.to trigger_inotify(:move).on(dir).twice
  end

  it "is met by one of several flags when any is enough" do
    expect { touch("x") }.to trigger_inotify(:delete, :create).on(dir).any
    expect { touch("y") }.to trigger_inotify(:delete, :moved_to).on(dir).any.or trigger_inotify(:create).on(dir)
  end

  it "watches single files, whose events have no name" do
    touch("x")
    expect { touch("x") }.to trigger_inotify(:close_write).on(path("x")).named(nil)
  end

  it "watches several paths, and takes whatever has to_path" do
    %w[a b].each { |name| Dir.mkdir(path(name)) }
    expect { touch("b/x") }.to trigger_inotify(:create).on(path("a"), Pathname(path("b")))
  end

  it "does not count what happened before, or in a subdirectory" do
    Dir.mkdir(path("a"))
    touch("x")
    expect { touch("a/y") }.not_to trigger_inotify(:create).on(dir)
  end

  it "lets through what the block raises" do
    expect { expect { raise IOError, "of it" }.to trigger_inotify.on(dir) }.to raise_error(IOError, "of it")
  end

  describe "with names" do
    it "takes strings, patterns and matchers" do
      ["x.rb", /\Ax/, a_string_ending_with(".rb"), a_string_starting_with("x").and(ending_with("b"))].each do |name|
        expect { touch("x.rb") }.to trigger_inotify(:close_write).on(dir).named(name)
      end
    end

    it "leaves out other names" do
      expect { touch("y.rb") }.not_to trigger_inotify(:close_write).on(dir).named("x.rb")
    end
  end

  describe "with counts" do
    def made(count) = -> { touch_many(count) }

    {
      "once" => [1, ->(it) { it.once }], "twice" => [2, ->(it) { it.twice }], "thrice" => [3, ->(it) { it.thrice }],
      "exactly" => [4, ->(it) { it.exactly(4).times }], "at least" => [5, ->(it) { it.at_least(:twice) }],
      "at most" => [2, ->(it) { it.at_most(3).times }], "not at all" => [0, ->(it) { it.exactly(0).times }]
    }.each do |name, (count, counting)|
      it "is met by the right number: #{name}" do
        expect(&made(count)).to counting.call(trigger_inotify(:create).on(dir))
      end
    end

    [[1, :exactly], [3, :exactly], [1, :at_least], [3, :at_most]].each do |count, counting|
      it "is not met by another number: #{count}, where #{counting} two are expected" do
        expect(trigger_inotify(:create).on(dir).public_send(counting, 2).matches?(made(count))).to be false
      end
    end

    it "counts each flag" do
      expect { touch("x", "y") }.to trigger_inotify(:create, :close_write).on(dir).twice
    end
  end

  describe "in order" do
    it "is met by the order given, whatever is between" do
      expect { touch("x") }.to trigger_inotify(:create, :close_write).on(dir).in_order
    end

    it "is not met by another" do
      matcher = trigger_inotify(:close_write, :create).on(dir).in_order
      expect(matcher.matches?(-> { touch("x") })).to be false
    end
  end

  describe "in compounds" do
    before { %w[a b].each { |name| Dir.mkdir(path(name)) } }

    it "is met by both, with and" do
      expect { touch("a/x", "b/y") }
        .to trigger_inotify(:create).on(path("a")).named("x").and trigger_inotify(:create).on(path("b")).named("y")
    end

    it "is met by one of them, with or" do
      expect { touch("b/y") }.to trigger_inotify(:create).on(path("a")).or trigger_inotify(:create).on(path("b"))
    end

    it "composes with matchers of RSpec" do
      files = -> { Dir.children(path("a")).size }
      expect { touch("a/x") }.to change(&files).by(1).and trigger_inotify(:create).on(path("a"))
      expect { touch("a/z") && raise(IOError) }.to trigger_inotify(:create).on(path("a")).and raise_error(IOError)
    end
  end

  describe "within some seconds" do
    it "waits for what happens after the block" do
      ask = Thread::Queue.new
      writer = Thread.new { ask.pop && touch("x", "y") }
      expect { ask << :go }.to trigger_inotify(:close_write).on(dir).named("y").within(Waiting::LIMIT)
      writer.join
    end

    it "ends as soon as it is met" do
      expect(seconds { expect { touch("x") }.to trigger_inotify(:create).on(dir).within(Waiting::LIMIT) })
        .to be < Waiting::LIMIT
    end

    it "waits to the end for what is not to happen" do
      expect(seconds { expect { nil }.not_to trigger_inotify.on(dir).within(0.05) }).to be >= 0.05
    end

    it "fails as soon as happens what is not to" do
      matcher = trigger_inotify(:create).on(dir).within(Waiting::LIMIT)
      expect(seconds { matcher.does_not_match?(-> { touch("x") }) }).to be < Waiting::LIMIT
    end

    it "does not follow a busy neighbour for ever" do
      done = false
      busy = Thread.new { touch("busy") until done }
      expect(within { trigger_inotify(:delete).on(dir).matches?(-> {}) }).to be false
    ensure
      done = true
      busy.join
    end
  end
end
