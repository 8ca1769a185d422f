# frozen_string_literal: true

RSpec.describe Inotify::Instance, "in a process that forks" do
  let(:instance) { instance_watching(:create) }
  let(:message) { "this Inotify::Instance belongs to process #{Process.pid}; open a new one after fork" }

  before { instance }

  it "is closed to the child" do
    expect(forked { instance.closed? }).to be true
    expect(instance).not_to be_closed
  end

  {
    "each" => ->(instance, _) { instance.each(&:wd) },
    "read" => ->(instance, _) { instance.read(timeout: 0) },
    "first" => ->(instance, _) { instance.first },
    "add_watch" => ->(instance, dir) { instance.add_watch(dir, :create) },
    "watches" => ->(instance, _) { instance.watches },
    "events_waiting?" => ->(instance, _) { instance.events_waiting? },
    "to_io" => ->(instance, _) { instance.to_io },
    "fileno" => ->(instance, _) { instance.fileno }
  }.each do |name, call|
    it "refuses #{name} to the child, with a message that says what to do" do
      touch("a")
      error = forked { call.call(instance, dir) }
      expect(error).to be_an(IOError).and have_attributes(message: message)
      expect(drain_names(instance)).to eq ["a"]
    end
  end

  it "refuses the child to remove a watch of the parent's" do
    watch = instance.watches.first
    expect(forked { watch.remove }).to be_an(IOError).and have_attributes(message: message)
    touch("a")
    expect([watch.removed?, drain_names(instance)]).to eq [false, ["a"]]
  end

  it "closes the child's copy without disturbing a parent that waits" do
    waiting = sleeping_thread { instance.read.map(&:name) }
    fd = instance.fileno
    left_open = forked do
      instance.close
      open?(fd)
    end
    touch("a")
    expect([left_open, within { waiting.value }]).to eq [false, ["a"]]
  end

  it "closes the child's copy by its IO without disturbing the parent" do
    io = instance.to_io
    closed = forked { io.close || io.closed? }
    touch("a")
    expect([closed, drain_names(instance)]).to eq [true, ["a"]]
  end

  it "gives the child an instance of its own" do
    names = forked do
      Inotify::Instance.open do |own|
        own.add_watch(dir, :create)
        touch("a")
        own.read.map(&:name)
      end
    end
    expect([names, drain_names(instance)]).to eq [["a"], ["a"]]
  end

  it "refuses the parent's queue to a child that goes on in the block" do
    told = ruby(<<~RUBY).lines(chomp: true)
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      File.write("#{dir}/a", "")
      begin
        instance.each do |event|
          break if (pid = fork) && File.write("#{dir}/b", "") && Process.wait(pid)
        end
        puts "parent \#{instance.read.map(&:name)}"
      rescue IOError => e
        puts e.message
      end
    RUBY
    expect(told).to match [/\Athis .* open a new one after fork\z/, 'parent ["b"]']
  end

  it "puts nothing into the parent's queue when a child leaves the block early" do
    told = ruby(<<~RUBY)
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      %w[a b].each { |name| File.write("#{dir}/\#{name}", "") }
      pid = instance.each { |_| break fork }
      exit! unless pid
      Process.wait(pid)
      File.write("#{dir}/c", "")
      events = instance.first(2)
      p events.map(&:name), events.map { |event| event.watch.wd }, instance.read(timeout: 0), instance.events_waiting?
    RUBY
    expect(told.lines(chomp: true)).to eq ['["b", "c"]', "[1, 1]", "[]", "false"]
  end

  it "loses no event to children that end, collect garbage and close" do
    expect(ruby(<<~RUBY)).to eq Array.new(40) { |number| "f#{number}" }.inspect
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      children = Array.new(4) do |child|
        fork do
          instance.close if child == 1
          instance = nil if child == 2
          GC.start
          10.times { |number| File.write("#{dir}/f\#{child * 10 + number}", "") }
        end
      end
      names = instance.first(40).map(&:name)
      children.each { |pid| Process.wait(pid) }
      p names.sort_by { |name| name[1..].to_i }, *($?.success? ? [] : [:failed])
    RUBY
  end

  it "is not inherited by a program that is run" do
    expect(`ls -l /proc/self/fd`).not_to include "anon_inode:inotify"
    expect(system("ls /proc/self/fd/#{instance.fileno}", out: File::NULL, err: File::NULL)).to be false
  end

  it "frees the parent's instance when the parent closes, whatever children are left" do
    fd = instance.fileno
    reader, writer = IO.pipe
    pid = fork do
      writer.close
      reader.read
      exit!(0)
    end
    instance.close
    expect(open?(fd)).to be false
    [reader, writer].each(&:close)
    Process.wait(pid)
  end
end
