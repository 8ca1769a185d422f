# frozen_string_literal: true

RSpec.describe Inotify, "in a Ractor" do
  around do |example|
    before = Warning[:experimental]
    Warning[:experimental] = false
    example.run
  ensure
    Warning[:experimental] = before
  end

  it "makes, watches, reads and closes" do
    ractor = Ractor.new(dir) do |dir|
      fd = Inotify.init
      wd = Inotify.add_watch(fd, dir, :create)
      File.write("#{dir}/a", "")
      names = []
      Inotify.watch(fd) { |event, name| names << event.name << name }
      [names, Inotify.rm_watch(fd, wd), Inotify.close(fd)]
    end
    expect(value_of(ractor)).to eq [%w[a a], 0, nil]
  end

  it "waits while the main Ractor runs" do
    fd = watching(:create)
    ractor = Ractor.new(fd) { |number| [].tap { |names| Inotify.watch(number) { |event| names << event.name } } }
    touch("a")
    expect(value_of(ractor)).to eq ["a"]
  end

  it "ends a wait at its timeout" do
    expect(value_of(Ractor.new(inotify) { |fd| Inotify.watch(fd, timeout: 0.02) { raise "an event" } })).to eq 0
  end

  it "leaves the rest to the next call" do
    fd = watching(:create)
    touch("a", "b")
    ractor = Ractor.new(fd) do |number|
      first = Inotify.watch(number) { |event| break event.name }
      [first, Inotify.watch(number).map(&:name)]
    end
    expect(value_of(ractor)).to eq ["a", ["b"]]
  end

  it "raises the errors of the main Ractor" do
    ractor = Ractor.new(closed_descriptor) do |fd|
      [-> { Inotify.watch(fd) { nil } }, -> { Inotify.add_watch(0, "/", :creat) }].map do |call|
        call.call
      rescue StandardError => e
        e.class
      end
    end
    expect(value_of(ractor)).to eq [Errno::EBADF, ArgumentError]
  end

  it "names flags and makes masks" do
    ractor = Ractor.new { [Inotify::Flags.to_flags(0x180), Inotify::Flags.to_mask(:create, :move)] }
    expect(value_of(ractor)).to eq [%i[moved_to create], 0x1c0]
  end

  it "gets events from another as they are" do
    fd = watching(:create)
    touch("a")
    event = events(fd).first
    ractor = Ractor.new { Ractor.receive.then { |got| [got, got.name, got.to_h, got.flags, got.inspect, got.hash] } }
    ractor.send(event)
    got, *fields = value_of(ractor)
    expect(got).to be event
    expect(fields).to eq [event.name, event.to_h, event.flags, event.inspect, event.hash]
  end

  it "gives its events to another" do
    ractor = Ractor.new(watching(:create)) { |fd| Inotify.watch(fd).to_a }
    touch("a")
    expect(value_of(ractor).map(&:name)).to eq ["a"]
  end

  it "works in several at once" do
    ractors = Array.new(4) do |number|
      Dir.mkdir(path(number.to_s))
      Ractor.new(path(number.to_s)) do |dir|
        fd = Inotify.init
        Inotify.add_watch(fd, dir, :create)
        Array.new(50) { |round| File.write("#{dir}/#{round}", "") }
        names = Inotify.watch(fd).map(&:name)
        Inotify.close(fd)
        names.map(&:to_i)
      end
    end
    expect(ractors.map { |ractor| value_of(ractor) }).to all eq((0...50).to_a)
  end
end
