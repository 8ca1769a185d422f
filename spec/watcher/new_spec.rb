# frozen_string_literal: true

require "pathname"

RSpec.describe Inotify::Watcher, ".new" do
  it "refuses to watch nothing, and shows how to" do
    expect { Inotify::Watcher.new }.to raise_error(ArgumentError, /Watcher\.new\("app"\)/)
    expect { Inotify::Watcher.new([]) }.to raise_error(ArgumentError, /a path is needed/)
  end

  [nil, 5, :dir, Object.new].each do |given|
    it "refuses a #{given.class} as a path with TypeError" do
      expect { Inotify::Watcher.new(given) }.to raise_error(TypeError, /String/)
    end
  end

  it "refuses a NUL in a path" do
    expect { Inotify::Watcher.new("#{dir}\0") }.to raise_error(ArgumentError, /null|NUL/)
  end

  it "refuses an empty path" do
    expect { Inotify::Watcher.new(dir, "") }.to raise_error(ArgumentError, /empty/)
  end

  ["0.1", nil, :long, Complex(1, 1)].each do |given|
    it "refuses #{given.inspect} as debounce with TypeError" do
      expect { Inotify::Watcher.new(dir, debounce: given) }.to raise_error(TypeError, /number of seconds/)
    end
  end

  [-1, -0.001, -Float::INFINITY, Float::NAN].each do |given|
    it "refuses #{given} as debounce with ArgumentError" do
      expect { Inotify::Watcher.new(dir, debounce: given) }.to raise_error(ArgumentError, /0 seconds or more/)
    end
  end

  [0, 1, 0.5r, 1e300, 2**70, Float::INFINITY].each do |given|
    it "takes #{given.inspect} as debounce" do
      watcher = watch(debounce: given)
      touch("a")
      expect(reported(watcher)).to include [:created, "a"]
    end
  end

  it "refuses an on_error that can't be called" do
    expect { Inotify::Watcher.new(dir, on_error: :warn) }.to raise_error(TypeError, /on_error.*call/)
  end

  it "refuses an unknown option" do
    expect { Inotify::Watcher.new(dir, recursively: true) }.to raise_error(ArgumentError, /recursively/)
  end

  it "takes paths in an Array" do
    make("a/", "b/")
    watcher = new_watcher([path("a"), path("b")])
    touch("a/x", "b/y")
    expect(reported(watcher)).to eq [[:created, "a/x"], [:created, "b/y"]]
  end

  it "takes what has a to_path, and what has a to_str" do
    to_str = Object.new
    directory = dir
    to_str.define_singleton_method(:to_str) { directory }
    watchers = [new_watcher(Pathname.new(dir)), new_watcher(to_str)]
    touch("a")
    expect(watchers.map { |watcher| reported(watcher) }).to all(eq([[:created, "a"]]))
  end

  it "keeps a path of its own" do
    given = dir.dup
    watcher = new_watcher(given)
    given << "/changed"
    touch("a")
    expect(changes(watcher).map(&:path)).to eq [path("a")]
  end

  it "returns when the tree is scanned: what happens from then on is reported, and nothing before" do
    make("a/b/c" => "1", "a/d" => "2")
    watcher = watch
    expect(known(synced(watcher))).to eq %w[a a/b a/b/c a/d]
    touch("a/b/new")
    expect(reported(watcher)).to eq [[:created, "a/b/new"]]
  end

  it "does not enter directories unless it is recursive, and reports them" do
    make("sub/")
    watcher = watch(recursive: false)
    touch("sub/in", "out")
    Dir.mkdir(path("new"))
    touch("new/in")
    expect(reported(watcher)).to eq [[:created, "new"], [:created, "out"]]
  end

  it "refuses to be copied, with a message that says what to do" do
    watcher = watch
    expect { watcher.dup }.to raise_error TypeError, /make another/
    expect { watcher.clone }.to raise_error TypeError, /make another/
  end

  it "refuses to be marshalled" do
    expect { Marshal.dump(watch) }.to raise_error TypeError
  end

  it "can be subclassed" do
    subclass = Class.new(Inotify::Watcher) { def initialize(path) = super(path, debounce: 0.02) }
    watcher = subclass.new(dir).tap { |made| own_watcher(made) }
    touch("a")
    expect(reported(watcher)).to eq [[:created, "a"]]
  end

  it "shows its descriptor, and that it is closed" do
    watcher = watch
    fd = watcher.to_io.fileno
    watcher_class = "Inotify::Watcher"
    expect([watcher.inspect, watcher.close, watcher.to_s])
      .to eq ["#<#{watcher_class} fd=#{fd}>", nil, "#<#{watcher_class} closed>"]
  end

  it "leaves neither thread nor descriptor behind when on_error raises while it starts", :user_namespace do
    outcome = ruby_in_namespace(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_watches", "0")
      GC.disable
      descriptors = -> { Dir["/proc/self/fd/*"].count { |fd| File.symlink?(fd) } }
      before = descriptors.call
      begin
        Inotify::Watcher.new("#{dir}", on_error: ->(error) { raise error })
      rescue Inotify::WatchLimitReached => e
        puts e.class
      end
      puts descriptors.call - before, watching_threads
    RUBY
    expect(outcome).to eq "Inotify::WatchLimitReached\n0\n0"
  end
end
