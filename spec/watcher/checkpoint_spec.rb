# frozen_string_literal: true

require "pathname"

RSpec.describe Inotify::Watcher, "#checkpoint" do
  let(:state) { path("state") }

  before { make("in/a" => "1", "in/sub/b" => "2") }

  it "writes a file, and leaves nothing beside it" do
    watcher = watch("in")
    expect(watcher.checkpoint(state)).to be_nil
    expect([File.binread(state, 8), Dir.children(dir).sort]).to eq ["\x89inotify".b, %w[in state]]
  end

  it "replaces the file at once: a reader that opened it before reads the old one" do
    watcher = watch("in")
    watcher.checkpoint(state)
    File.open(state) do |old|
      touch("in/c")
      changes(watcher)
      watcher.checkpoint(state)
      expect(File.stat(state).ino).not_to eq old.stat.ino
    end
  end

  it "takes a path relative to the working directory, and objects with to_path" do
    watcher = watch("in")
    Dir.chdir(dir) { watcher.checkpoint("one") }
    watcher.checkpoint(Pathname.new(path("two")))
    %w[one two].each { |name| expect(watch("in", since: path(name))).not_to be_closed }
  end

  it "reports no changes of the file, even if it is in a tree" do
    watcher = watch(debounce: 0)
    3.times { watcher.checkpoint(state) }
    touch("other")
    expect(reported(watcher)).to eq [[:created, "other"]]
    paths = ["", "/in", "/in/a", "/in/sub", "/in/sub/b", "/other"].map { |it| dir + it }
    expect(watch(since: state).paths).to match_array(paths)
  end

  it "reports a file as deleted that it begins to use" do
    make("state" => "")
    watcher = watch
    watcher.checkpoint(state)
    expect(reported(watcher)).to eq [[:deleted, "state"]]
  end

  it "is about as large as the names" do
    names = Array.new(2000) { |number| "in/some_directory_#{number % 20}/a_file_with_a_name_#{number}.txt" }
    names.each { |name| make(name => "") }
    watch("in").checkpoint(state)
    expect(File.size(state)).to be < names.sum { |name| path(name).bytesize }
  end

  it "raises Errno with the path where it cannot write" do
    watcher = watch("in")
    expect { watcher.checkpoint(path("none/state")) }.to raise_error(Errno::ENOENT, /#{path("none/state")}/)
    expect { watcher.checkpoint(path("in")) }.to raise_error(Errno::EISDIR, /#{path("in")}/)
  end

  it "takes nothing but a path" do
    watcher = watch("in")
    expect { watcher.checkpoint("") }.to raise_error(ArgumentError)
    expect { watcher.checkpoint(nil) }.to raise_error(TypeError)
    expect { watcher.checkpoint("a\0b") }.to raise_error(ArgumentError)
  end

  it "raises IOError when the watcher is closed" do
    watcher = watch("in")
    watcher.close
    expect { watcher.checkpoint(state) }.to raise_error(IOError, "closed Inotify::Watcher")
    expect(File).not_to exist(state)
  end

  it "works in several threads at once, and leaves a whole one" do
    watcher = watch("in")
    threads = Array.new(4) { Thread.new { 10.times { watcher.checkpoint(state) } } }
    20.times { |number| touch("in/#{number}") && watcher.take(timeout: 0) }
    within { threads.each(&:join) }
    expect(watch("in", since: state)).to be_a Inotify::Watcher
  end

  it "works in the block, and while another thread waits" do
    watcher = watch("in")
    waiting = sleeping_thread { watcher.take }
    watcher.checkpoint(state)
    touch("in/c")
    within { waiting.value }
    touch("in/d")
    watcher.start { watcher.checkpoint(path("other")) }
    watcher.stop
    expect(File).to exist(path("other"))
  end

  it "lets other fibers run meanwhile" do
    watcher = watch("in")
    log = []
    within do
      MinimalScheduler.run do
        # One that is written already when its fiber is about to wait lets nobody run.
        Fiber.schedule { watcher.checkpoint(state) while log.empty? }
        Fiber.schedule { log << :other }
      end
    end
    expect(log).to eq [:other]
  end

  it "is ended by Timeout, and works again" do
    watcher = watch("in")
    expect { Timeout.timeout(1e-9) { loop { watcher.checkpoint(state) } } }.to raise_error(Timeout::Error)
    expect(watcher.checkpoint(state)).to be_nil
  end

  it "is refused to a predicate of its own watcher" do
    errors = []
    watcher = nil
    filter = ->(_) { watcher.checkpoint(state) }
    watcher = new_watcher(path("in"), only: filter, on_error: ->(error) { errors << error })
    touch("in/c")
    changes(watcher)
    expect(errors.map { |error| error.cause.message }).to include("a filter cannot call checkpoint of its own watcher")
  end
end
