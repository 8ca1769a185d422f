# frozen_string_literal: true

require "pathname"

RSpec.describe Inotify, ".add_watch and its path" do
  let(:fd) { inotify }

  # The watch descriptor of the example's directory, which each other name of it must return again.
  let(:wd) { Inotify.add_watch(fd, dir, :create) }

  def object_with_path(path) = Struct.new(:to_path).new(path)

  {
    "a Pathname" => ->(path) { Pathname(path) },
    "an object with to_path" => ->(path) { Struct.new(:to_path).new(path) },
    "an object with to_str" => ->(path) { Struct.new(:to_str).new(path) },
    "a binary String" => lambda(&:b),
    "a frozen String" => ->(path) { path.dup.freeze },
    "a Latin-1 String" => ->(path) { path.encode("ISO-8859-1") },
    "a UTF-16LE String" => ->(path) { path.encode("UTF-16LE") },
    "a UTF-16 String with a byte order mark" => ->(path) { path.encode("UTF-16") },
    "a UTF-32BE String" => ->(path) { path.encode("UTF-32BE") },
    "an object with to_path in UTF-16" => ->(path) { Struct.new(:to_path).new(path.encode("UTF-16BE")) },
    "a path with a slash at its end" => ->(path) { "#{path}/" },
    "a path with dots" => ->(path) { "#{path}/../#{File.basename(path)}/." },
    "a subclass of String" => ->(path) { Class.new(String).new(path) }
  }.each do |name, form|
    it "accepts #{name}" do
      expect(Inotify.add_watch(fd, form.call(dir), :create)).to eq wd
    end
  end

  it "accepts a Dir, which has a path" do
    expect(Dir.open(dir) { |opened| Inotify.add_watch(fd, opened, :create) }).to eq wd
  end

  it "accepts a File, which has a path" do
    touch("file")
    by_name = Inotify.add_watch(fd, path, :modify)
    expect(File.open(path) { |file| Inotify.add_watch(fd, file, :modify) }).to eq by_name
  end

  it "takes a relative path from the working directory" do
    wd
    found = Dir.chdir(dir) { Inotify.add_watch(fd, ".", :create) }
    expect(found).to eq wd
  end

  {
    "binary" => "\xff\xfe".b,
    "in Shift_JIS" => "日本".encode("Shift_JIS"),
    "in Latin-1" => "caf\u00e9".encode("ISO-8859-1"),
    "broken UTF-8" => "caf\xe9"
  }.each do |name, bytes|
    it "takes the bytes of a String #{name} as they are" do
      found = File.join(dir.b, bytes.b)
      Dir.mkdir(found)
      bytes_wd = Inotify.add_watch(fd, found, :create)
      expect(Inotify.add_watch(fd, found.dup.force_encoding(bytes.encoding), :create)).to eq bytes_wd
    end
  end

  it "finds a UTF-8 name by its UTF-16 String" do
    touch("naïve日本")
    utf8 = Inotify.add_watch(fd, path("naïve日本"), :modify)
    expect(Inotify.add_watch(fd, path("naïve日本").encode("UTF-16LE"), :modify)).to eq utf8
  end

  it "does not change the String it is given" do
    given = dir.encode("UTF-16LE")
    expect { Inotify.add_watch(fd, given, :create) }.not_to(change { [given.bytes, given.encoding] })
  end

  it "refuses a NUL with ArgumentError" do
    expect { Inotify.add_watch(fd, "#{dir}\0", :create) }.to raise_error(ArgumentError, /null byte|NUL/)
  end

  it "refuses a NUL character of UTF-16 with ArgumentError" do
    expect { Inotify.add_watch(fd, "a\0b".encode("UTF-16LE"), :create) }.to raise_error(ArgumentError)
  end

  it "refuses a NUL that to_path gives with ArgumentError" do
    expect { Inotify.add_watch(fd, object_with_path("a\0b"), :create) }.to raise_error(ArgumentError)
  end

  it "refuses the empty path with ENOENT" do
    expect { Inotify.add_watch(fd, "", :create) }.to raise_error(Errno::ENOENT, /empty/)
  end

  it "refuses a path that is too long with ENAMETOOLONG" do
    expect { Inotify.add_watch(fd, "a" * 5_000, :create) }.to raise_error(Errno::ENAMETOOLONG, /aaaa/)
  end

  it "refuses a name that is too long with ENAMETOOLONG" do
    expect { Inotify.add_watch(fd, path("b" * 256), :create) }.to raise_error(Errno::ENAMETOOLONG, /bbbb/)
  end

  [nil, 1, :tmp, ["/"], Object.new].each do |given|
    it "refuses #{given.class} as a path with TypeError" do
      expect { Inotify.add_watch(fd, given, :create) }.to raise_error(TypeError)
    end
  end

  it "refuses a to_path that is no String with TypeError" do
    expect { Inotify.add_watch(fd, object_with_path(1), :create) }.to raise_error(TypeError)
  end

  it "lets what to_path raises through" do
    object = Class.new { def to_path = raise("no path") }.new
    expect { Inotify.add_watch(fd, object, :create) }.to raise_error(RuntimeError, "no path")
  end

  it "names a missing path whose bytes are no character" do
    expect { Inotify.add_watch(fd, path("\xe9t\xe9".b), :create) }
      .to raise_error(Errno::ENOENT, /\\xe9t\\xe9/i)
  end

  it "names a missing path of UTF-8 as it is" do
    expect { Inotify.add_watch(fd, path("été"), :create) }.to raise_error(Errno::ENOENT, /été/)
  end
end
