# frozen_string_literal: true

RSpec.describe Inotify::Event do
  # Both halves of a rename: all fields are in use.
  let(:fd) { watching(:move, :create) }
  let(:pair) do
    touch("old")
    fd
    File.rename(path("old"), path("new"))
    events(fd)
  end
  let(:event) { pair.first }

  it "has the watch descriptor" do
    expect(event.wd).to eq 1
  end

  it "has the mask" do
    expect(event.mask).to eq Inotify::Flags::IN_MOVED_FROM
  end

  it "has the cookie" do
    expect(event.cookie).to be_positive.and eq pair.last.cookie
  end

  it "has the length of the padded name" do
    expect(event.len).to eq 16
  end

  it "has the name without its padding" do
    expect(event.name).to eq "old"
  end

  it "has the flags" do
    expect(event.flags).to eq [:moved_from]
  end

  it "has IN_ISDIR among the flags of a directory" do
    fd
    Dir.mkdir(path("directory"))
    expect(events(fd).first.flags).to eq %i[create isdir]
  end

  it "has a name in the filesystem encoding" do
    expect(event.name.encoding).to eq Encoding.find("filesystem")
  end

  it "gives a name of its own at each call, which may be changed" do
    event.name << "changed"
    expect(event.name).to eq "old"
  end

  context "when it is of a watched file" do
    let(:event) do
      touch("file")
      file = watching(:modify, of: path)
      File.write(path, "x")
      events(file).first
    end

    it "has no name" do
      expect(event.name).to be_nil
    end

    it "has no length" do
      expect(event.len).to eq 0
    end

    it "has no cookie" do
      expect(event.cookie).to eq 0
    end

    it "shows no name" do
      expect(event.inspect).to eq "#<Inotify::Event wd=1 modify>"
    end

    it "has a nil name in its Hash" do
      expect(event.to_h).to include(name: nil)
    end
  end

  describe "predicates" do
    asked_only = %i[all_events onlydir dont_follow excl_unlink mask_create mask_add oneshot]
    reported = Inotify::Flags::BITS.keys - asked_only

    it "has one for each flag that an event can have" do
      expect(reported.reject { |flag| event.respond_to?("#{flag}?") }).to eq []
    end

    it "returns true for its flags and for those that stand for them, and false for all others" do
      true_ones = reported.select { |flag| event.public_send("#{flag}?") }
      expect(true_ones).to contain_exactly(:moved_from, :move)
    end

    it "returns true or false" do
      expect(reported.map { |flag| event.public_send("#{flag}?") }.uniq).to contain_exactly(true, false)
    end
  end

  describe "#[]" do
    %i[wd mask cookie len name flags].each do |field|
      it "gives #{field}" do
        expect(event[field]).to eq event.public_send(field)
      end
    end

    it "takes a String" do
      expect(event["wd"]).to eq event.wd
    end

    it "refuses another key with KeyError and the right ones" do
      expect { event[:path_] }.to raise_error(KeyError, /:path_.*:wd, :mask/)
    end

    it "reports which key was refused" do
      expect { event[:nope] }.to raise_error(an_object_having_attributes(key: :nope, receiver: event))
    end

    [nil, 0].each do |key|
      it "refuses #{key.inspect} with KeyError" do
        expect { event[key] }.to raise_error(KeyError, /#{key.inspect}/)
      end
    end
  end

  describe "#to_h" do
    it "has the fields by name" do
      expect(event.to_h).to include(wd: 1, mask: 0x40, cookie: event.cookie, len: 16, name: "old", flags: [:moved_from])
    end

    it "has the keys that #[] takes" do
      expect(event.to_h).to eq(event.to_h.keys.to_h { |key| [key, event[key]] })
    end
  end

  describe "pattern matching" do
    it "matches the fields by name" do
      matched = case event
                in { name: String => name, flags: [:moved_from] } then name
                end
      expect(matched).to eq "old"
    end

    it "does not match other values" do
      expect((event in { name: "new" })).to be false
    end

    it "does not match a field it does not have" do
      expect((event in { nope: _ })).to be false
    end

    it "matches with the class" do
      expect((event in Inotify::Event(wd: 1, mask: Integer))).to be true
    end

    it "gives the rest of the fields" do
      event => { name:, **rest }
      expect([name, rest]).to eq ["old", event.to_h.except(:name)]
    end

    it "gives the fields it is asked for alone" do
      expect(event.deconstruct_keys(%i[name nope wd])).to eq(name: "old", wd: 1)
    end

    it "gives all fields when asked for all" do
      expect(event.deconstruct_keys(nil)).to eq event.to_h
    end
  end

  describe "equality" do
    # The same thing happens twice, to two instances.
    let(:twins) do
      instances = Array.new(2) { watching(:create) }
      touch("x")
      instances.map { |instance| events(instance).first }
    end

    it "holds between events with the same fields" do
      expect(twins.first == twins.last).to be true
    end

    it "makes them the same key of a Hash" do
      expect(twins.uniq.size).to eq 1
    end

    it "gives them the same hash" do
      expect(twins.first.hash).to eq twins.last.hash
    end

    it "is not there between events that differ" do
      expect(event).not_to eq pair.last
    end

    it "is not there with other objects" do
      expect([event == event.to_h, event == nil, event.eql?(1), event == "old"]).to all be false # rubocop:disable Style/NilComparison
    end
  end

  describe "immutability" do
    it "is frozen" do
      expect(event).to be_frozen
    end

    it "takes no instance variable" do
      expect { event.instance_variable_set(:@name, "x") }.to raise_error(FrozenError)
    end

    it "takes no singleton method" do
      expect { event.define_singleton_method(:name) { "x" } }.to raise_error(FrozenError)
    end

    it "may be shared between Ractors as it is" do
      expect(Ractor.shareable?(event)).to be true
    end

    it "is its own dup" do
      expect(event.dup).to be event
    end

    it "is its own clone" do
      expect(event.clone).to be event
    end

    it "is its own clone even when that is not to be frozen" do
      expect(event.clone(freeze: false)).to be event
    end

    it "has no writers" do
      expect(Inotify::Event.instance_methods(false).grep(/[^=!<>]=\z/)).to eq []
    end
  end

  it "cannot be made by hand" do
    expect { Inotify::Event.new }.to raise_error(NoMethodError)
  end

  it "cannot be allocated empty" do
    expect { Inotify::Event.allocate }.to raise_error(TypeError)
  end

  it "shows its fields" do
    expect(event.inspect).to eq %(#<Inotify::Event wd=1 moved_from cookie=#{event.cookie} name="old">)
  end

  it "shows its fields as a String" do
    expect("#{event}").to eq event.inspect # rubocop:disable Style/RedundantInterpolation
  end

  it "keeps its fields after its descriptor is closed" do
    found = pair
    Inotify.close(fd)
    expect(found.map(&:name)).to eq %w[old new]
  end
end
