# frozen_string_literal: true

require "set"

RSpec.describe "INotify::Notifier#watch with :recursive" do
  def make(*names)
    names.each do |name|
      FileUtils.mkdir_p(File.dirname(path(name)))
      name.end_with?("/") ? FileUtils.mkdir_p(path(name)) : File.write(path(name), "x")
    end
  end

  let(:elsewhere) { File.realpath(Dir.mktmpdir("inotify_rs")) }

  # renameat2(2) with RENAME_EXCHANGE.
  def exchange(one, other)
    number = { "x86_64" => 316,
               "aarch64" => 276 }[RbConfig::CONFIG["host_cpu"]] || skip("which system call is it here?")
    Program.run(*Program.ruby("-e", "syscall(#{number}, -100, ARGV[0], -100, ARGV[1], 2)", one, other))
  end

  after { FileUtils.rm_rf(elsewhere) }

  it "reports what happens in directories below" do
    make("a/b/")
    notifier = notifier_of(:recursive, :create)
    make("a/b/c")
    expect(heard(notifier)).to eq([["create", "a/b/c"]])
  end

  it "does not report events that it needs only to follow the tree" do
    make("a/b/", "a/gone")
    notifier = notifier_of(:recursive, :close_write)
    FileUtils.rm(path("a/gone"))
    File.rename(path("a/b"), path("c"))
    expect(heard(notifier)).to eq([])
  end

  it "misses none of 200 files in directories that are made and filled at once", :slow do
    notifier = roomy_notifier
    notifier.watch(dir, :recursive, :create) { |event| seen << event }
    reader = Thread.new { notifier.run }
    system("sh", "-c", "for i in $(seq 200); do mkdir -p $i/b/c/d && touch $i/b/c/d/f; done", chdir: dir)
    wait_until { seen.count { |event| event.name == "f" } >= 200 }
    notifier.stop
    reader.join
    expect(seen.to_set(&:absolute_name).size).to eq(200 * 5)
  end

  it "reports what is in a new directory as if it were made just then, each entry once" do
    notifier = notifier_of(:recursive, :create, :modify, :close_write)
    make("a/b/full")
    touch("a/b/empty")
    expect(heard(notifier))
      .to match_array([%w[create a], %w[create a/b], %w[create a/b/full], %w[modify a/b/full],
                       %w[close_write a/b/full], %w[create a/b/empty], %w[close_write a/b/empty]])
  end

  it "watches a new directory before its event is delivered" do
    notifier = new_notifier
    names = []
    notifier.watch(dir, :recursive, :create) do |event|
      File.write(File.join(event.absolute_name, "inside"), "") if event.flags.include?(:isdir)
      names << event.name
    end
    make("a/")
    process_all(notifier)
    expect(names).to eq(%w[a inside])
  end

  it "reports what is in a directory that is moved in, and goes on in it" do
    FileUtils.mkdir_p(File.join(elsewhere, "in/deep"))
    FileUtils.touch(File.join(elsewhere, "in/deep/old"))
    notifier = notifier_of(:recursive, :create, :moved_to)
    File.rename(File.join(elsewhere, "in"), path("in"))
    expect(heard(notifier)).to eq([%w[moved_to in], %w[create in/deep], %w[create in/deep/old]])
    make("in/deep/new")
    expect(heard(notifier)).to eq([%w[create in/deep/new]])
  end

  it "reports nothing more of a directory that was moved out, and keeps no watch of it" do
    make("out/deep/")
    notifier = notifier_of(:recursive, :create, :moved_from)
    File.rename(path("out"), File.join(elsewhere, "out"))
    FileUtils.touch(File.join(elsewhere, "out/deep/phantom"))
    expect(heard(notifier)).to eq([%w[moved_from out]])
    expect(directory_wds(notifier).size).to eq(1)
    FileUtils.touch(File.join(elsewhere, "out/deep/phantom2"))
    expect(heard(notifier)).to eq([])
  end

  it "reports the new path once a directory is renamed, and not its entries" do
    make("old/deep/file")
    notifier = notifier_of(:recursive, :create, :move)
    process_all(notifier)
    File.rename(path("old"), path("new"))
    make("new/deep/more")
    expect(heard(notifier)).to eq([%w[moved_from old], %w[moved_to new], %w[create new/deep/more]])
    expect(paths_of(notifier)).to eq(["", "/new", "/new/deep"])
  end

  it "follows two directories that are exchanged" do
    make("a/in_a", "b/in_b")
    notifier = notifier_of(:recursive, :create)
    exchange(path("a"), path("b"))
    process_all(notifier)
    make("a/x")
    expect(heard(notifier)).to eq([%w[create a/x]])
  end

  it "follows a directory that is renamed to and fro while nobody reads" do
    make("a/")
    notifier = notifier_of(:recursive, :create)
    3.times { [%w[a b], %w[b c], %w[c a]].each { |from, to| File.rename(path(from), path(to)) } }
    process_all(notifier)
    make("a/x")
    expect(heard(notifier)).to eq([%w[create a/x]])
  end

  it "reports a directory that is removed and made again while nobody reads" do
    make("a/")
    notifier = notifier_of(:recursive, :create, :delete)
    3.times { FileUtils.rm_rf(path("a")).then { make("a/file") } }
    names = heard(notifier)
    expect(names.last(2).map(&:last)).to include("a/file")
    make("a/x")
    expect(heard(notifier)).to eq([%w[create a/x]])
  end

  it "ends where links lead in circles, and follows links to directories" do
    FileUtils.mkdir_p(File.join(elsewhere, "linked"))
    make("a/b/")
    File.symlink("..", path("a/up"))
    File.symlink(dir, path("a/b/top"))
    File.symlink(elsewhere, path("a/link"))
    notifier = within { notifier_of(:recursive, :create) }
    FileUtils.touch(File.join(elsewhere, "linked/file"))
    expect(heard(notifier)).to eq([%w[create a/link/linked/file]])
  end

  it "does not follow links with :dont_follow" do
    File.symlink(elsewhere, path("link"))
    notifier = notifier_of(:recursive, :create, :dont_follow)
    FileUtils.touch(File.join(elsewhere, "file"))
    expect(heard(notifier)).to eq([])
  end

  it "takes names of any bytes" do
    notifier = notifier_of(:recursive, :create)
    directory = "caf\xE9".b
    Dir.mkdir(File.join(dir.b, directory))
    FileUtils.touch(File.join(dir.b, directory, "\xFF".b))
    names = heard(notifier).map { |_, name| name.b }
    expect(names).to eq([directory, directory + "/\xFF".b])
  end

  it "raises Errno::ENOTDIR for a file and Errno::ENOENT for nothing" do
    touch("file")
    expect { notifier_of(:recursive, :create, of: path("file")) }.to raise_error(Errno::ENOTDIR, /file/)
    expect { notifier_of(:recursive, :create, of: path("none")) }.to raise_error(Errno::ENOENT, /none/)
  end

  it "gives a directory to the tree that was watched last" do
    make("a/b/")
    notifier = new_notifier
    names = []
    notifier.watch(path("a"), :recursive, :create) { |event| names << "1 #{event.name}" }
    notifier.watch(dir, :recursive, :create) { |event| names << "2 #{event.name}" }
    make("a/b/c")
    process_all(notifier)
    expect(names).to eq(["2 c"])
  end

  it "ends with its watcher, all of it" do
    make("a/b/")
    notifier = new_notifier
    watcher = notifier.watch(dir, :recursive, :create) { |event| seen << event }
    make("a/unseen")
    watcher.close
    make("a/b/c")
    expect([heard(notifier), notifier.watchers, directory_wds(notifier)]).to eq([[], {}, []])
  end

  it "forgets what is removed" do
    make("a/b/c/")
    notifier = notifier_of(:recursive, :create)
    FileUtils.rm_rf(path("a"))
    process_all(notifier)
    expect(paths_of(notifier)).to eq([""])
  end
end
