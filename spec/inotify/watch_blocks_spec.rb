# frozen_string_literal: true

RSpec.describe Inotify, ".watch and the forms of its block" do
  let(:fd) { watching(:create) }

  # The result of the block for one event, or of an event without a name.
  let(:seen) { [] }

  before do
    fd
    touch("x")
  end

  def optional(event, name = :none) = seen << [event.class, name]
  def one(event) = seen << event.name
  def two(event, name) = seen << [event.class, name]
  def rest(*all) = seen << all.map(&:class)

  # rubocop:disable Style/NumberedParametersLimit, Layout/SpaceAroundBlockParameters
  {
    "one parameter gets the event" => [->(s) { proc { |event| s << event.name } }, "x"],
    "two parameters gets event and name" => [->(s) { proc { |event, name| s << [event.name, name] } }, %w[x x]],
    "a numbered parameter gets the event" => [->(s) { proc { s << _1.name } }, "x"],
    "two numbered parameters gets event and name" => [->(s) { proc { s << [_1.name, _2] } }, %w[x x]],
    "a splat gets the event alone" => [->(s) { proc { |*all| s << all.map(&:name) } }, ["x"]],
    "a parameter and a splat gets the event alone" =>
      [->(s) { proc { |event, *all| s << [event.name, all] } }, ["x", []]],
    "a trailing comma gets the event" => [->(s) { proc { |event, | s << event.name } }, "x"],
    "no parameter is called" => [->(s) { proc { s << :called } }, :called],
    "an optional second parameter gets the name" =>
      [->(s) { proc { |event, name = :none| s << [event.name, name] } }, %w[x x]],
    "an optional parameter gets the event" => [->(s) { proc { |event = :none| s << event.name } }, "x"],
    "three parameters gets event, name and nil" =>
      [->(s) { proc { |event, name, more| s << [event.name, name, more] } }, ["x", "x", nil]],
    "a block-local variable gets the event" => [->(s) { proc { |event; name| s << [event.name, name] } }, ["x", nil]],
    "an optional keyword gets the event" => [->(s) { proc { |event, key: 1| s << [event.name, key] } }, ["x", 1]],
    "a lambda's one parameter gets the event" => [->(s) { ->(event) { s << event.name } }, "x"],
    "a lambda's two parameters gets event and name" =>
      [->(s) { ->(event, name) { s << [event.name, name] } }, %w[x x]],
    "a lambda's optional second parameter gets the name" =>
      [->(s) { ->(event, name = :none) { s << [event.name, name] } }, %w[x x]],
    "a lambda's splat gets the event alone" => [->(s) { ->(*all) { s << all.map(&:name) } }, ["x"]]
  }.each do |name, (block, expected)|
    it "yields as the block asks: #{name}" do
      Inotify.watch(fd, &block.call(seen))
      expect(seen).to eq [expected]
    end
  end
  # rubocop:enable Style/NumberedParametersLimit, Layout/SpaceAroundBlockParameters

  it "gives a method with one parameter the event" do
    Inotify.watch(fd, &method(:one))
    expect(seen).to eq ["x"]
  end

  it "gives a method with two parameters event and name" do
    Inotify.watch(fd, &method(:two))
    expect(seen).to eq [[Inotify::Event, "x"]]
  end

  it "gives a method with an optional second parameter the name" do
    Inotify.watch(fd, &method(:optional))
    expect(seen).to eq [[Inotify::Event, "x"]]
  end

  it "gives a method with a splat the event alone" do
    Inotify.watch(fd, &method(:rest))
    expect(seen).to eq [[Inotify::Event]]
  end

  it "gives a method written in C the event" do
    Inotify.watch(fd, &seen.method(:push))
    expect(seen.map(&:name)).to eq ["x"]
  end

  it "sends a Symbol to the event" do
    expect(Inotify.watch(fd, &:name)).to eq 1
  end

  it "sends a Symbol without the name, which the method would refuse" do
    expect { Inotify.watch(fd, &:upcase_) }.to raise_error(NoMethodError, /upcase_/)
  end

  it "accepts a block that is a Method of Queue" do
    queue = Thread::Queue.new
    Inotify.watch(fd, &queue.method(:push))
    expect(queue.pop.name).to eq "x"
  end

  it "refuses a lambda without a parameter as Ruby does" do
    expect { Inotify.watch(fd, &-> {}) }.to raise_error(ArgumentError, /wrong number of arguments/)
  end

  it "refuses a lambda with three parameters as Ruby does" do
    expect { Inotify.watch(fd, &->(_event, _name, _more) {}) }.to raise_error(ArgumentError, /wrong number/)
  end

  it "runs a block with another self" do
    object = Object.new
    Inotify.watch(fd, &object.instance_eval { proc { |event| @name = event.name } })
    expect(object.instance_variable_get(:@name)).to eq "x"
  end

  context "when the kernel sends no name" do
    let(:fd) do
      touch("file")
      watching(:modify, of: path("file")).tap { File.write(path("file"), "changed") }
    end

    it "gives a block with two parameters an empty name" do
      Inotify.watch(fd) { |_event, name| seen << name }
      expect(seen.uniq).to eq [""]
    end

    it "gives a block with one parameter an event whose name is nil" do
      Inotify.watch(fd) { |event| seen << event.name }
      expect(seen.uniq).to eq [nil]
    end
  end

  it "gives the name as a String of its own, in the filesystem encoding" do
    Inotify.watch(fd) { |_event, name| seen << name }
    expect(seen.first).to have_attributes(frozen?: false, encoding: Encoding.find("filesystem"))
  end
end
