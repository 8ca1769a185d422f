# frozen_string_literal: true

RSpec.describe Inotify::Flags do
  describe ".to_mask" do
    create = 0x100
    modify = 0x2
    {
      [] => 0,
      [0] => 0,
      [:create] => create,
      [:create, modify] => create | modify,
      [%i[create modify], :create] => create | modify,
      [0xffff_ffff] => 0xffff_ffff,
      [:oneshot] => 0x8000_0000,
      [:close] => 0x18
    }.each do |given, mask|
      it "makes #{mask.to_s(16)} of #{given.inspect}" do
        expect(Inotify::Flags.to_mask(*given)).to eq mask
      end
    end

    it "refuses an unknown Symbol with ArgumentError and the right ones" do
      expect { Inotify::Flags.to_mask(:creat) }.to raise_error(ArgumentError, /:creat\b.*:create\b.*:oneshot/)
    end

    [-1, 2**32].each do |given|
      it "refuses #{given} with RangeError" do
        expect { Inotify::Flags.to_mask(given) }.to raise_error(RangeError, /#{given}/)
      end
    end

    [1.0, nil, "create"].each do |given|
      it "refuses #{given.inspect} with TypeError" do
        expect { Inotify::Flags.to_mask(given) }.to raise_error(TypeError, /#{Regexp.escape(given.inspect)}/)
      end
    end
  end

  describe ".to_flags" do
    {
      0 => [],
      0x100 => [:create],
      0x4000_0100 => %i[create isdir],
      0x18 => %i[close_write close_nowrite],
      0x8000_0000 => [:oneshot],
      0x1000 => []
    }.each do |mask, flags|
      it "names the bits of #{mask.to_s(16)}: #{flags.inspect}" do
        expect(Inotify::Flags.to_flags(mask)).to eq flags
      end
    end

    it "names every bit that has a name once, lowest first" do
      found = Inotify::Flags.to_flags(0xffff_ffff).map { |flag| Inotify::Flags::BITS.fetch(flag) }
      expect(found).to eq found.uniq.sort
    end
  end

  it "makes the same mask again of the Symbols of a mask" do
    mask = 0x4000_0fff
    expect(Inotify::Flags.to_mask(*Inotify::Flags.to_flags(mask))).to eq mask
  end

  it "has each watch or event constant as a Symbol" do
    expected = Inotify::Flags.constants.grep(/\AIN_/).map { |name| name.to_s.delete_prefix("IN_").downcase.to_sym }
    expect(Inotify::Flags::BITS.keys).to match_array(expected - %i[nonblock cloexec])
  end

  it "gives each Symbol the value of its constant" do
    by_constant = Inotify::Flags::BITS.to_h { |flag, _| [flag, Inotify::Flags.const_get("IN_#{flag.upcase}")] }
    expect(Inotify::Flags::BITS).to eq by_constant
  end

  it "has its constants where it is included" do
    expect(Class.new { include Inotify::Flags }.const_get(:IN_CREATE)).to eq 0x100
  end

  it "has a table that no one changes" do
    expect(Ractor.shareable?(Inotify::Flags::BITS)).to be true
  end

  it "documents each constant in a line above it" do
    lines = File.readlines(File.expand_path("../../lib/inotify_rs/flags.rb", __dir__), encoding: "UTF-8")
    bare = lines.each_cons(2).select { |above, line| line =~ /\A\s+IN_\w+ = / && above !~ /\A\s+# \w/ }
    expect(bare).to eq []
  end
end
