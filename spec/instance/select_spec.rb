# frozen_string_literal: true

RSpec.describe Inotify::Instance, "and select(2)" do
  let(:instance) { instance_watching(:create) }

  before { instance }

  it "gives an IO of its descriptor" do
    expect(instance.to_io).to be_an(IO).and have_attributes(fileno: instance.fileno)
  end

  it "gives the same IO each time" do
    io = instance.to_io
    expect(instance.to_io).to be io
  end

  it "is readable when an event is there, and only then" do
    expect(selected?(instance)).to be false
    touch("a")
    expect(selected?(instance)).to be true
    instance.read
    expect(selected?(instance)).to be false
  end

  it "wakes an IO.select" do
    selecting = sleeping_thread { selected?(instance, Waiting::LIMIT) }
    touch("a")
    expect(within { selecting.value }).to be true
  end

  it "returns events_waiting? when an event is there, and only then" do
    expect(instance.events_waiting?).to be false
    touch("a")
    expect(instance.events_waiting?).to be true
    instance.read
    expect(instance.events_waiting?).to be false
  end

  it "takes no event by asking" do
    touch("a", "b")
    5.times { instance.events_waiting? && instance.to_io }
    expect(drain_names(instance)).to eq %w[a b]
  end

  it "is readable by an IO kept from before while an early leave has left events" do
    io = instance.to_io
    touch("a", "b", "c")
    take_one(instance)
    expect([selected?(io), instance.events_waiting?]).to eq [true, true]
    take_one(instance)
    expect([selected?(io), instance.events_waiting?]).to eq [true, true]
    take_one(instance)
    expect([selected?(io), instance.events_waiting?]).to eq [false, false]
  end

  it "is readable while an Enumerator's next holds back the rest" do
    touch("a", "b")
    enumerator = instance.each
    enumerator.next
    expect(selected?(instance)).to be true
    enumerator.next
    expect(selected?(instance)).to be false
  end

  it "knows inside the block whether there is more" do
    touch("a", "b")
    take_one(instance)
    expect(within { instance.lazy.map { instance.events_waiting? }.first }).to be false
  end

  it "is readable after an exception ended a wait that had just read" do
    io = instance.to_io
    200.times do |number|
      waiting = sleeping_thread { instance.each { |_| Thread.stop } }
      touch(number.to_s)
      waiting.raise(Interruptions::Left)
      expect { waiting.join }.to raise_error Interruptions::Left
      expect(selected?(io)).to be !drain(instance).empty?
    end
  end

  it "reads in a select loop over several instances without waiting in read" do
    other_dir = path("other").tap { |made| Dir.mkdir(made) }
    drain(instance)
    other = instance_watching(:create, of: other_dir)
    touch("a", "b", "other/c")
    found = []
    within do
      until found.size == 3
        readable, = IO.select([instance, other])
        readable.each { |one| found << take_one(one).name }
      end
    end
    expect(found.sort).to eq %w[a b c]
  end

  it "ends an IO.select of another thread when it is closed" do
    io = instance.to_io
    selecting = sleeping_thread { selected?(io, Waiting::LIMIT) }
    instance.close
    # As select(2) of any closed IO.
    expect { within { selecting.value } }.to raise_error(be_a(IOError).or(be_a(Errno::EBADF)))
  end

  it "refuses its IO, descriptor and events_waiting? once it is closed" do
    instance.close
    %i[to_io fileno events_waiting? watches].each do |name|
      expect { instance.public_send(name) }.to raise_error IOError, /closed/
    end
  end
end
