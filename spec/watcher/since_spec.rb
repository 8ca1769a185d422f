# frozen_string_literal: true

require "pathname"

RSpec.describe Inotify::Watcher, "since a checkpoint" do
  let(:state) { path("state") }

  before { make("in/a" => "1", "in/b" => "2", "in/sub/c" => "3") }

  # Files that changed in the tick of a checkpoint are reported again.
  def checkpoint(*names, **options)
    pass_the_tick
    names = ["in"] if names.empty?
    watcher = watch(*names, **options)
    yield watcher if block_given?
    watcher.checkpoint(state)
    watcher.close
  end

  def since(*names, **options) = watch(*(names.empty? ? ["in"] : names), since: state, **options)

  def difference(*names, **options) = short(since(*names, **options).take(timeout: 0))

  it "reports nothing where nothing happened" do
    checkpoint
    expect(difference).to eq []
  end

  it "begins with what was created, modified, deleted and renamed meanwhile" do
    checkpoint
    make("in/new/d" => "4", "in/a" => "11")
    File.unlink(path("in/b"))
    rename("in/sub", "in/moved")
    expect(difference).to eq [[:deleted, "in/b"], [:renamed, "in/sub", "in/moved"], [:created, "in/new"],
                              [:created, "in/new/d"], [:modified, "in/a"]]
  end

  it "says that it concluded that by looking" do
    checkpoint
    touch("in/d")
    expect(since.take).to all(be_rescanned)
  end

  it "finds a change that leaves size and mtime as they were" do
    checkpoint
    before = File.stat(path("in/a"))
    File.write(path("in/a"), "x")
    File.utime(before.atime, before.mtime, path("in/a"))
    expect(difference).to eq [[:modified, "in/a"]]
  end

  it "finds a file that was replaced by one of the same size and times" do
    checkpoint
    before = File.stat(path("in/a"))
    save_atomically("in/a", "x")
    File.utime(before.atime, before.mtime, path("in/a"))
    expect(difference).to eq [[:modified, "in/a"]]
  end

  it "goes on with live changes, merged with the first batch while that is not taken" do
    checkpoint
    touch("in/d")
    watcher = since(debounce: 3600)
    rename("in/d", "in/e")
    make("in/f" => "")
    expect(reported(watcher).sort).to eq [[:created, "in/e"], [:created, "in/f"]]
  end

  it "reports what was not taken when the checkpoint was written" do
    checkpoint { |watcher| make("in/d" => "", "in/a" => "x") && synced(watcher) }
    expect(difference).to eq [[:created, "in/d"], [:modified, "in/a"]]
  end

  it "reports what was taken no more" do
    checkpoint do |watcher|
      make("in/d" => "", "in/a" => "x")
      File.unlink(path("in/b"))
      pass_the_tick
      changes(watcher)
    end
    expect(difference).to eq []
  end

  it "knows in its own checkpoint what it found at the start, as far as that was taken" do
    checkpoint
    make("in/a" => "x", "in/sub/c" => "x", "in/d" => "")
    pass_the_tick
    found = [[:created, "in/d"], [:modified, "in/a"], [:modified, "in/sub/c"]]
    watcher = since(debounce: 3600)
    watcher.checkpoint(state)
    expect([short(watcher.take(timeout: 0)), difference]).to eq [found, found]
    watcher.checkpoint(state)
    expect(difference).to eq []
    make("in/a" => "xx")
    watcher.checkpoint(state)
    expect(difference).to eq [[:modified, "in/a"]]
  end

  it "counts a batch as taken inside of the block that gets it" do
    watcher = watch("in")
    pass_the_tick
    touch("in/d")
    watcher.each do
      pass_the_tick
      watcher.checkpoint(state)
      watcher.close
    end
    expect(difference).to eq []
  end

  it "reports a batch again that a predicate has kept from the program" do
    tries = 0
    interrupted = lambda do |path|
      raise Interruptions::Left if path.end_with?("/d") && (tries += 1) == 1

      true
    end
    watcher = new_watcher(path("in"), only: interrupted, on_error: ->(error) { raise error.cause })
    touch("in/d")
    synced(watcher)
    pass_the_tick
    expect { watcher.take(timeout: 0) }.to raise_error(Interruptions::Left)
    watcher.checkpoint(state)
    watcher.close
    expect(difference(only: ->(_) { true })).to eq [[:created, "in/d"]]
  end

  it "has everything created where there is no file" do
    expect(difference).to eq [[:created, "in"], [:created, "in/a"], [:created, "in/b"], [:created, "in/sub"],
                              [:created, "in/sub/c"]]
  end

  it "has nothing to report with nil" do
    expect(watch("in", since: nil).take(timeout: 0)).to eq []
  end

  it "follows roots that come, go and are files" do
    checkpoint("in/a", "in/none", "in/sub")
    FileUtils.rm_r(path("in/sub"))
    make("in/none" => "", "in/a" => "x")
    expect(difference("in/a", "in/none", "in/sub"))
      .to eq [[:deleted, "in/sub/c"], [:deleted, "in/sub"], [:created, "in/none"], [:modified, "in/a"]]
  end

  it "compares what the filters include, and only that" do
    options = { only: "*.rb", ignore: "sub/", gitignore: true }
    make("in/a.rb" => "", "in/ignored.rb" => "", "in/.gitignore" => "ignored.rb")
    checkpoint(**options)
    make("in/a.rb" => "1", "in/ignored.rb" => "1", "in/a" => "9", "in/sub/d.rb" => "", "in/e.rb" => "")
    expect(difference(**options)).to eq [[:created, "in/e.rb"], [:modified, "in/a.rb"]]
  end

  it "compares only the names in a directory that is not watched as a tree" do
    checkpoint(recursive: false)
    make("in/sub/c" => "x", "in/a" => "x")
    expect(difference(recursive: false)).to eq [[:modified, "in/a"]]
  end

  it "compares the targets of links that are followed" do
    make("out/d/e" => "1", "out/f" => "1")
    File.symlink(path("out/d"), path("in/dir"))
    File.symlink(path("out/f"), path("in/file"))
    checkpoint(follow_symlinks: true)
    expect(difference(follow_symlinks: true)).to eq []
    make("out/d/e" => "12", "out/f" => "12")
    expect(difference(follow_symlinks: true)).to eq [[:modified, "in/dir/e"], [:modified, "in/file"]]
  end

  it "takes paths of any bytes, and objects with to_path" do
    make("in/caf\xE9\n".b => "1")
    checkpoint
    File.write(path("in/caf\xE9\n".b), "12")
    watcher = watch("in", since: Pathname.new(state))
    expect(short(watcher.take(timeout: 0))).to eq [[:modified, (+"in/caf\xE9\n").force_encoding("UTF-8")]]
  end

  describe "that it cannot use" do
    def error(*names, **options)
      since(*names, **options) && nil
    rescue Inotify::CheckpointError, SystemCallError => e
      e
    end

    def refused(text)
      be_a(Inotify::CheckpointError).and have_attributes(message: /#{Regexp.escape(state)}.*#{Regexp.escape(text)}/)
    end

    it "names another kind of file" do
      File.write(state, "something else")
      expect(error).to refused("this file is no checkpoint; give another path")
    end

    it "is not replaced by a checkpoint, either" do
      File.write(state, "something else")
      watcher = watch("in")
      expect { watcher.checkpoint(state) }.to raise_error(refused("this file is no checkpoint; give another path"))
      expect(File.read(state)).to eq("something else")
    end

    it "names one that is damaged, and says what to do" do
      checkpoint
      bytes = File.binread(state)
      File.binwrite(state, bytes[..-2])
      expect(error).to refused("it is damaged: it ends early; delete the file: then everything is reported")
      File.binwrite(state, bytes.tap { |it| it.setbyte(40, it.getbyte(40) ^ 1) })
      expect(error).to refused("it is damaged: its checksum is wrong")
    end

    it "names one that ends too early, or in which a bit is another one, wherever that is" do
      checkpoint
      bytes = File.binread(state)
      bytes.size.times do |at|
        File.binwrite(state, bytes[0, at])
        expect(error).to refused("")
        File.binwrite(state, bytes.dup.tap { |it| it.setbyte(at, it.getbyte(at) ^ (1 << (at % 8))) })
        expect(error).to refused("")
      end
      File.binwrite(state, "#{bytes}x")
      expect(error).to refused("it is damaged: something follows its end")
    end

    it "names a later version" do
      checkpoint
      File.binwrite(state, File.binread(state).tap { |bytes| bytes.setbyte(8, 9) })
      expect(error).to refused("it has version 9 of the format, and this inotify_rs reads version 1")
    end

    it "names the roots it was written for" do
      checkpoint
      roots = "#{path("in")}, not #{path("in/sub")}"
      expect(error("in/sub")).to refused("it was written for other roots: #{roots}; watch as before")
    end

    {
      "nothing, not only: *.rb" => { only: "*.rb" },
      "nothing, not ignore: tmp/" => { ignore: ["tmp/"] },
      "nothing, not gitignore" => { gitignore: true },
      "nothing, not not recursive" => { recursive: false },
      "nothing, not only: /x/, only: a callable" => { only: [/x/, ->(_) { true }] }
    }.each do |difference, options|
      it "names the filters and options that differ: #{options.keys.first} #{options.values.first.class}" do
        checkpoint
        expect(error(**options)).to refused("with other filters or options: #{difference}; watch as before")
      end
    end

    it "raises Errno where it cannot be read" do
      Dir.mkdir(state)
      expect(error).to be_an(Errno::EISDIR).and have_attributes(message: a_string_including(state))
    end

    it "leaves no descriptor behind" do
      File.write(state, "something else")
      before = watcher_descriptors
      5.times { error }
      expect(watcher_descriptors).to be <= before
    end
  end
end
