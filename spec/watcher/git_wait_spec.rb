# frozen_string_literal: true

# Batches that wait while git works.
RSpec.describe Inotify::Watcher, "and git at work", :git do
  around { |example| without_configuration(&example) }

  def repository
    git("init", "-q", "-b", "main")
    commit("one") { |name| File.write(path(name), "one") }
    git("switch", "-q", "-c", "other")
    commit("two") { |name| File.write(path(name), "two") }
    # A moved HEAD is no work any more after a moment.
    wait_until { Time.now - File.mtime(path(".git/HEAD")) > 0.5 }
  end

  def files = Array.new(100) { |number| "file-#{number}" }

  # Writes files, and commits them.
  def commit(message, &block)
    files.each(&block)
    git("add", ".")
    git("commit", "-q", "-m", message)
  end

  def watch_work(**options) = watch(ignore: ".git/", debounce: 0.02, **options)

  it "makes a checkout one batch" do
    repository
    watcher = watch_work(git_wait: true)
    git("switch", "-q", "main")
    expect(watcher.take.map { |change| below(change.path) }).to match_array(files)
  end

  it "makes a rebase one batch, until its end" do
    repository
    git("switch", "-q", "-c", "third", "main")
    commit("three") { |name| File.write(path("third-#{name}"), "three") }
    wait_until { Time.now - File.mtime(path(".git/HEAD")) > 0.5 }
    watcher = watch_work(git_wait: 60)
    git("rebase", "-q", "--exec", "sleep 0.3", "other")
    paths = watcher.take.map { |change| below(change.path) }
    expect(paths).to include(*files)
    expect(watcher.take(timeout: 0.2)).to eq []
  end

  it "holds a batch while git has its lock, and delivers it afterwards" do
    make("sub/", ".git/")
    watcher = watch("sub", debounce: 0.02, git_wait: true)
    touch(".git/index.lock", "sub/a")
    expect(watcher.take(timeout: 0.3)).to eq []
    touch("sub/b")
    File.delete(path(".git/index.lock"))
    expect(short(watcher.take)).to eq [[:created, "sub/a"], [:created, "sub/b"]]
  end

  it "waits in a linked work tree for git's work in that one only" do
    git("init", "-q", "-b", "main")
    commit("one") { |name| File.write(path(name), "one") }
    git("worktree", "add", "-q", "linked", "-b", "linked")
    wait_until { Time.now - File.mtime(path(".git/worktrees/linked/HEAD")) > 0.5 }
    watcher = watch("linked", debounce: 0.02, git_wait: true)
    touch(".git/index.lock", "linked/a")
    expect(short(watcher.take)).to eq [[:created, "linked/a"]]
    touch(".git/worktrees/linked/index.lock", "linked/b")
    expect(watcher.take(timeout: 0.3)).to eq []
  end

  it "delivers a batch after so many seconds although git works" do
    make(".git/index.lock" => "")
    watcher = watch_work(git_wait: 0.3)
    touch("a")
    expect(short(watcher.take)).to eq [[:created, "a"]]
  end

  it "does not make sync wait" do
    make(".git/index.lock" => "")
    watcher = watch_work(git_wait: 60)
    touch("a")
    expect(reported(watcher)).to eq [[:created, "a"]]
  end

  it "waits for nothing outside of a work tree, and without the option" do
    make("plain/")
    watcher = watch("plain", debounce: 0.02, git_wait: 60)
    touch("plain/a")
    expect(short(watcher.take)).to eq [[:created, "plain/a"]]
    make(".git/index.lock" => "")
    watcher = watch("plain", debounce: 0.02)
    touch("plain/b")
    expect(short(watcher.take)).to eq [[:created, "plain/b"]]
  end

  it "takes true, false and seconds" do
    [0, -1, "10", Complex(1, 1)].each do |seconds|
      expect { watch(git_wait: seconds) }.to raise_error(ArgumentError, /git_wait must be true, false or seconds, more/)
    end
    [nil, false, Float::INFINITY, 2r].each { |seconds| expect(watch(git_wait: seconds)).not_to be_closed }
  end
end
