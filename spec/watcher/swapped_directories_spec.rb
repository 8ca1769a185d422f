# frozen_string_literal: true

# A user who may write in a tree may replace a directory by a symbolic link to another place. A privileged watcher must
# neither open nor watch that place.
RSpec.describe Inotify, "where a directory is replaced by a symbolic link" do
  before { make("root/a/b/c/", "outside/b/c/", "spare/1/", "spare/2/") }

  # The directories outside of the root that are opened while the block runs.
  def opened_outside
    Inotify::Instance.open do |instance|
      %w[outside outside/b outside/b/c].each { |name| instance.add_watch(path(name), :open) }
      yield
      instance.read(timeout: 0).map { |event| event.watch.path }.uniq
    end
  end

  # How many watches are added to an instance while the block runs: their numbers rise.
  def watches_added(inotify)
    before = Inotify.add_watch(inotify, path("spare/1"), :open)
    yield
    Inotify.add_watch(inotify, path("spare/2"), :open) - before - 1
  end

  # Without an event that says so: as if that was still to come. Then something happens in what was replaced.
  def replace_unseen(inotify)
    Inotify.add_watch(inotify, path("root"), :open)
    rename("root/a", "root/moved")
    File.symlink("../outside", path("root/a"))
    make("root/moved/b/file", "root/moved/b/c/file", "root/moved/b/new/")
    rename("root/moved/b/c", "root/moved/b/d")
  end

  # Does and undoes it many times, and each time something happens in what is replaced.
  def attack
    ruby(<<~RUBY)
      root, outside = "#{path("root")}", "#{path("outside")}"
      Dir.chdir("\#{root}/a/b")
      300.times do |number|
        Dir.mkdir(number.to_s)
        File.rename("\#{root}/a", "\#{root}/moved")
        File.symlink(outside, "\#{root}/a")
        Dir.mkdir("\#{number}/x")
        File.unlink("\#{root}/a")
        File.rename("\#{root}/moved", "\#{root}/a")
      end
    RUBY
  end

  it "leads no watcher out of its tree" do
    watcher = watch(path("root"))
    inotify = inotify_fds.first
    added = nil
    opened = opened_outside { added = watches_added(inotify) { replace_unseen(inotify) && all_changes(watcher) } }
    expect([opened, added]).to eq [[], 0]
  end

  it "leads no watcher out of its tree in the middle of its work" do
    watcher = watch(path("root"), debounce: 0)
    expect(opened_outside { attack && all_changes(watcher) }).to eq []
    expect(known(watcher)).to include(*Array.new(300) { |number| "root/a/b/#{number}/x" })
  end

  it "leads no INotify::Notifier out of its tree that does not follow links", :rb_inotify do
    notifier = new_notifier
    notifier.watch(path("root"), :recursive, :dont_follow, :create, :move) { nil }
    added = nil
    opened = opened_outside do
      added = watches_added(notifier.fd) { replace_unseen(notifier.fd) && process_all(notifier) }
    end
    expect([opened, added]).to eq [[], 0]
  end

  it "leads no INotify::Notifier out of its tree in the middle of its work", :rb_inotify do
    notifier = new_notifier
    notifier.watch(path("root"), :recursive, :dont_follow, :create, :move) { nil }
    opened = opened_outside do
      attacking = Thread.new { attack }
      process_all(notifier) while attacking.alive?
      attacking.join
      process_all(notifier)
    end
    expect(opened).to eq []
  end

  it "follows the link where it is the path itself, or links are followed" do
    watchers = [watch(path("root/a")), watch(path("root"), follow_symlinks: true)]
    watchers.each(&:sync)
    rename("root/a", "root/moved")
    File.symlink("../outside", path("root/a"))
    watchers.each { |watcher| all_changes(watcher) }
    make("outside/b/c/file")
    reported = watchers.map { |watcher| all_reported(watcher) }
    expect(reported).to eq [[[:created, "root/a/b/c/file"]]] * 2
  end
end
