# frozen_string_literal: true

RSpec.describe Inotify, ".add_watch and its mask" do
  let(:fd) { inotify }

  # The part of a mask that the kernel keeps, as /proc reports it.
  def kernel_mask(fd, wd)
    line = File.foreach("/proc/self/fdinfo/#{fd}").grep(/\Ainotify wd:#{wd.to_s(16)} /).first
    line[/ mask:(\h+)/, 1].hex & Inotify::Flags::IN_ALL_EVENTS
  end

  create = 0x100
  modify = 0x2
  {
    "an Integer" => [[create], create],
    "an Integer of several bits" => [[create | modify], create | modify],
    "several Integers" => [[create, modify], create | modify],
    "a Symbol" => [[:create], create],
    "several Symbols" => [%i[create modify], create | modify],
    "an Array of Symbols" => [[%i[create modify]], create | modify],
    "Integers and Symbols mixed" => [[create, :modify], create | modify],
    "Arrays in Arrays" => [[[create, [[:modify]]]], create | modify],
    "the same flag twice" => [[:create, :create, create], create],
    "a Symbol that stands for two bits" => [[:move], 0xc0],
    "all events" => [[:all_events], 0xfff],
    "the flag of bit 31 beside an event" => [[0x8000_0100], create],
    "every Symbol but those that exclude each other" => [Inotify::Flags::BITS.keys - [:mask_create], 0xfff]
  }.each do |name, (given, kept)|
    it "accepts #{name}" do
      expect(kernel_mask(fd, Inotify.add_watch(fd, dir, *given))).to eq kept
    end
  end

  { "0" => [0], "an empty Array" => [[]] }.each do |name, given|
    it "refuses #{name}, which asks for no event, with EINVAL" do
      expect { Inotify.add_watch(fd, dir, *given) }.to raise_error(Errno::EINVAL, /#{dir}.*asks for no event/)
    end
  end

  { 0x1000 => "0x1000 of mask 0x1000", 0x20_0100 => "0x200000 of mask 0x200100" }.each do |given, message|
    it "refuses #{given.to_s(16)} with EINVAL, and says which bits are unknown" do
      expect { Inotify.add_watch(fd, dir, given) }
        .to raise_error(Errno::EINVAL, /#{dir}.*the kernel knows no bits #{message}/)
    end
  end

  it "refuses no mask with ArgumentError" do
    expect { Inotify.add_watch(fd, dir) }.to raise_error(ArgumentError)
  end

  [-1, 2**32, 2**64, -(2**70)].each do |given|
    it "refuses #{given} with RangeError" do
      expect { Inotify.add_watch(fd, dir, given) }.to raise_error(RangeError)
    end
  end

  [nil, 256.0, 1.5, 3/2r, 256i, "create", Object.new, {}, true].each do |given|
    it "refuses #{given.is_a?(Numeric) ? given : given.class} with TypeError" do
      expect { Inotify.add_watch(fd, dir, given) }.to raise_error(TypeError)
    end
  end

  it "refuses nil among Symbols with TypeError" do
    expect { Inotify.add_watch(fd, dir, :create, nil) }.to raise_error(TypeError)
  end

  it "refuses an unknown Symbol with ArgumentError and the right ones" do
    every = Inotify::Flags::BITS.keys.map(&:inspect).join(", ")
    expect { Inotify.add_watch(fd, dir, :creat) }.to raise_error(ArgumentError, /:creat\b.*#{every}/)
  end

  %i[IN_CREATE CREATE nonblock cloexec].each do |given|
    it "refuses #{given.inspect}, which is no flag of a watch" do
      expect { Inotify.add_watch(fd, dir, given) }.to raise_error(ArgumentError, /:create/)
    end
  end

  it "watches nothing when one Symbol of several is unknown" do
    begin
      Inotify.add_watch(fd, dir, :create, :creat)
    rescue ArgumentError
      touch("a")
    end
    expect(events(fd)).to eq []
  end
end
