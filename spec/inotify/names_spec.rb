# frozen_string_literal: true

RSpec.describe Inotify, "and the names of files" do
  let(:fd) { watching(:create) }

  before { fd }

  def name_of(made)
    File.write(File.join(dir.b, made.b), "")
    names(fd).first
  end

  {
    "one byte" => "x",
    "UTF-8" => "naïve日本😀",
    "decomposed UTF-8" => "e\u0301",
    "Latin-1" => "caf\xe9",
    "bytes that are no character" => "\xff\xfe\x80".b,
    "control characters" => "\x01\t\n\e\x7f",
    "spaces" => "  a b  ",
    "a backslash and quotes" => %(a\\b"c'),
    "a name that begins with a dash" => "-rf",
    "a hidden name" => ".hidden",
    "three dots" => "...",
    "15 bytes, which fill the padded length with the NUL" => "a" * 15,
    "16 bytes" => "a" * 16,
    "255 bytes, the longest" => "b" * 255,
    "255 bytes of UTF-8" => "日" * 85
  }.each do |kind, made|
    it "gives #{kind} byte by byte" do
      expect(name_of(made).b).to eq made.b
    end
  end

  it "gives names in the filesystem encoding" do
    expect(name_of("x").encoding).to eq Encoding.find("filesystem")
  end

  it "gives a name that is no UTF-8 as a String that says so" do
    expect(name_of("caf\xe9".b)).not_to be_valid_encoding
  end

  it "gives a name that opens its file" do
    made = name_of("\xff\xfe")
    expect(File.exist?(File.join(dir.b, made.b))).to be true
  end

  it "gives many names of all lengths in order", :slow do
    made = Array.new(255) { |length| "n" * (length + 1) }
    touch(*made)
    expect(names(fd)).to eq made
  end

  it "shows a name that is no UTF-8" do
    name_of("caf\xe9".b)
    touch("\xe9t\xe9".b)
    expect(events(fd).first.inspect).to include '\xE9t\xE9'
  end

  it "gives names in the filesystem encoding of another locale" do
    output = ruby(<<~RUBY, under: %w[env LC_ALL=C])
      dir = Dir.mktmpdir
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      Dir.mkdir(dir.b + "/\\xe9".b)
      Inotify.watch(fd) { |event, name| puts name.encoding == Encoding.find("filesystem"), name.b.inspect }
      Dir.rmdir(dir.b + "/\\xe9".b)
      Dir.rmdir(dir)
    RUBY
    expect(output.lines(chomp: true)).to eq ["true", '"\xE9"']
  end
end
