# frozen_string_literal: true

RSpec.describe Inotify::Event, "#path" do
  let(:instance) { new_instance }
  let(:filesystem) { Encoding.find("filesystem") }

  # The path of the first event of a file `name` made in `directory`, which is watched as `given`.
  def path_of(name, given, directory = dir)
    instance.add_watch(given, :create)
    File.write("#{directory.b}/#{name.b}", "")
    instance.read.first.path
  end

  it "joins the watch's path and the name" do
    expect(path_of("a", dir)).to eq path("a")
  end

  it "puts one slash between them" do
    expect(path_of("a", "#{dir}/")).to eq path("a")
  end

  it "is relative where the watch's path is" do
    Dir.chdir(dir) { expect(path_of("a", ".")).to eq "./a" }
  end

  it "is the watch's path for an event without a name" do
    touch("a")
    instance.add_watch(path("a"), :open)
    File.open(path("a"), &:itself)
    expect(instance.read.first.path).to eq path("a")
  end

  it "is a String of its own each time" do
    touch("a")
    instance.add_watch(path("a"), :open)
    File.open(path("a"), &:itself)
    event = instance.read.first
    event.path << "changed"
    expect(event.path).to eq path("a")
  end

  it "is nil for an event that was read by number" do
    fd = watching(:create)
    touch("a")
    expect(batch(fd).first).to have_attributes(path: nil, watch: nil)
  end

  it "is in the filesystem encoding, whatever the name's bytes" do
    name = "caf\xe9".b
    found = path_of(name, dir)
    expect([found.encoding, found.b]).to eq [filesystem, "#{dir}/".b + name]
    expect(File.exist?(found)).to be true
  end

  it "is in the filesystem encoding, whatever the encoding of the watch's path" do
    directory = path("caf\xe9").b.force_encoding("ISO-8859-1")
    Dir.mkdir(directory.b)
    found = path_of("z", directory, directory)
    expect([found.encoding, found.b]).to eq [filesystem, path("caf\xe9/z").b]
  end

  it "is in the filesystem encoding for an event without a name, too" do
    file = path("caf\xe9").b.force_encoding("ISO-8859-1")
    File.write(file.b, "")
    instance.add_watch(file, :open)
    File.open(file.b, &:itself)
    found = instance.read.first.path
    expect([found.encoding, found.b]).to eq [filesystem, file.b]
  end

  it "joins a name that is no UTF-8 to a path of characters" do
    directory = path("\u732b")
    Dir.mkdir(directory)
    found = path_of("\xff".b, directory, directory)
    expect(found.b).to eq "#{directory}/".b + "\xff".b
  end

  it "is part of to_h, patterns and inspect" do
    instance.add_watch(dir, :create)
    touch("a")
    event = instance.read.first
    event => { path: String => matched }
    expect([event[:path], event.to_h[:path], matched]).to all(eq(path("a")))
    expect(event.inspect).to eq %(#<Inotify::Event wd=1 create path="#{path("a")}">)
  end
end
