# frozen_string_literal: true

require "pathname"

RSpec.describe Inotify::Instance, "#add_watch" do
  let(:instance) { new_instance }

  it "returns a watch with its wd, path and mask" do
    watch = instance.add_watch(dir, :create, :delete)
    expect([watch.wd, watch.path, watch.mask]).to eq [1, dir, 0x300]
  end

  it "takes a mask" do
    expect(instance.add_watch(dir, Inotify::Flags::IN_ALL_EVENTS).mask).to eq 0xfff
  end

  it "takes masks and Symbols together, and Arrays of them" do
    expect(instance.add_watch(dir, 0x100, [:delete]).flags).to eq %i[create delete]
  end

  it "takes what has a to_path" do
    expect(instance.add_watch(Pathname.new(dir), :create).path).to eq dir
  end

  it "takes what has a to_str" do
    to_str = Object.new
    directory = dir
    to_str.define_singleton_method(:to_str) { directory }
    expect(instance.add_watch(to_str, :create).path).to eq dir
  end

  it "keeps a path of its own" do
    given = dir.dup
    watch = instance.add_watch(given, :create)
    given << "/changed"
    expect(watch.path).to eq(dir).and(be_frozen)
  end

  it "keeps a plain String of a String's subclass" do
    subclass = Class.new(String) { attr_accessor :companion }
    given = subclass.new(dir).tap { |string| string.companion = Object.new }
    watch = instance.add_watch(given, :create)
    expect(watch.path.class).to be String
    expect(Ractor.shareable?(watch)).to be true
  end

  it "watches what is named in UTF-16" do
    expect(instance.add_watch(dir.encode("UTF-16LE"), :create).path).to eq dir
  end

  it "watches what is named in Latin-1, by its bytes" do
    given = path("caf\xe9").b.force_encoding("ISO-8859-1")
    Dir.mkdir(given.b)
    expect(instance.add_watch(given, :create).path).to eq given
  end

  it "names the path that is not there" do
    expect { instance.add_watch(path, :create) }.to raise_error(Errno::ENOENT, /#{path}/)
  end

  it "refuses a file where only a directory will do" do
    touch("file")
    expect { instance.add_watch(path, :open, :onlydir) }.to raise_error(Errno::ENOTDIR, /#{path}/)
  end

  it "refuses what has a watch, with mask_create" do
    instance.add_watch(dir, :create)
    expect { instance.add_watch(dir, :delete, :mask_create) }.to raise_error(Errno::EEXIST, /#{dir}/)
  end

  it "refuses to be called without flags, and shows how to" do
    expect { instance.add_watch(dir) }.to raise_error(ArgumentError, /add_watch\(path, :create, :modify\)/)
  end

  it "refuses a mask that asks for nothing" do
    expect { instance.add_watch(dir, 0) }.to raise_error(Errno::EINVAL, /no event/)
  end

  it "rejects an unknown flag and names the right ones" do
    expect { instance.add_watch(dir, :created) }.to raise_error(ArgumentError, /:created.*:create, .*:move_self/)
  end

  it "refuses a NUL in the path" do
    expect { instance.add_watch("#{dir}\0", :create) }.to raise_error ArgumentError
  end

  it "refuses an empty path" do
    expect { instance.add_watch("", :create) }.to raise_error(Errno::ENOENT, /empty/)
  end

  [nil, 5, :dir, [], Object.new].each do |given|
    it "refuses a #{given.class} as a path with TypeError" do
      expect { instance.add_watch(given, :create) }.to raise_error(TypeError, /String/)
    end
  end

  [nil, 1.5, "create", Object.new].each do |given|
    it "refuses a #{given.class} as a flag, and names what is right" do
      expect { instance.add_watch(dir, given) }.to raise_error(TypeError, /an Integer or Symbols/)
    end
  end

  [-1, 2**32].each do |mask|
    it "refuses the mask #{mask} with RangeError" do
      expect { instance.add_watch(dir, mask) }.to raise_error(RangeError, /2\*\*32/)
    end
  end

  it "says what is wrong before it says that it is closed" do
    instance.close
    expect { instance.add_watch(dir, :created) }.to raise_error ArgumentError
    expect { instance.add_watch(dir, :create) }.to raise_error IOError, /closed/
  end

  it "leaves nothing behind when it fails" do
    expect { instance.add_watch(path, :create) }.to raise_error(Errno::ENOENT)
    expect(instance.watches).to be_empty
    expect(kernel_wds(instance.fileno)).to be_empty
  end
end
