# frozen_string_literal: true

# In mount namespaces of their own: nobody else sees what is mounted there.
RSpec.describe Inotify::Watcher, "when something is mounted in its tree", mount_namespace: true do
  before { make("a/sub/old", "a/f", "b/g") }

  # Runs a ruby that may mount, and returns its lines. It has {Watchers}, and the example's directory.
  def mounting(script)
    ruby_mounting(<<~RUBY + script)
      require "#{File.expand_path("../../support/watchers", __dir__)}"
      include Watchers
      at_exit { close_watchers }
      def mount(name) = run("mount", "-t", "tmpfs", "none", path(name))
      def bind(from, to) = run("mount", "--bind", path(from), path(to))
      def unmount(name) = run("umount", path(name))

      # Runs a shell script while this process is stopped, its watcher with it.
      def stopped(script, *args)
        run("sh", "-ec", %(kill -STOP $PPID; trap "kill -CONT $PPID" EXIT; cd "$0"; \#{script}), dir, *args)
      end

      # The first changes that come; a mount is no event that #sync could wait for.
      def next_changes(watcher) = short(watcher.take(timeout: LIMIT)).sort
    RUBY
  end

  it "reports what is covered as deleted, and what is in the mounted file system as created" do
    expect(mounting(<<~RUBY)).to eq ["[[:deleted, \"a/f\"], [:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]", "[]"]
      tree = watch
      mount("a")
      p next_changes(tree), tree.audit
    RUBY
  end

  it "reports changes in the mounted file system" do
    expect(mounting(<<~RUBY)).to eq ["[[:created, \"a/new\"], [:created, \"a/new/x\"]]"]
      tree = watch
      mount("a")
      next_changes(tree)
      make("a/new/x")
      p all_reported(tree)
    RUBY
  end

  it "reports what appears again when it is unmounted, and what happens there" do
    appeared = "[[:created, \"a/f\"], [:created, \"a/sub\"], [:created, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [appeared, "true", "[]"]
      mount("a")
      tree = watch
      unmount("a")
      p next_changes(tree)
      make("a/sub/new")
      p all_reported(tree).include?([:created, "a/sub/new"]), tree.audit
    RUBY
  end

  it "reports what was in the file system that is unmounted as deleted" do
    expect(mounting(<<~RUBY)).to eq ["true"]
      mount("a")
      make("a/in/x")
      tree = watch
      before = tree.paths
      unmount("a")
      p applied(before, tree.take(timeout: LIMIT)) == tree.paths.to_set
    RUBY
  end

  it "follows a mount over the root itself" do
    covered = "[[:deleted, \"a/f\"], [:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [covered, "[[:created, \"a/n\"]]"]
      tree = watch(path("a"))
      mount("a")
      p next_changes(tree)
      make("a/n")
      p all_reported(tree)
    RUBY
  end

  it "follows a mount over a directory that leads to the root" do
    covered = "[[:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [covered, "[[:created, \"a/sub\"]]"]
      tree = watch(path("a/sub"))
      mount("a")
      p next_changes(tree)
      make("a/sub/")
      p all_reported(tree)
    RUBY
  end

  it "reports changes in a bind mount under both paths" do
    expect(mounting(<<~RUBY)).to eq ["[[:created, \"a/new\"], [:created, \"b/new\"]]", "[]"]
      bind("a", "b")
      tree = watch
      make("a/new")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "sees a bind mount come and go" do
    expect(mounting(<<~RUBY)).to eq %w[true true []]
      tree = watch
      paths = tree.paths
      bind("a", "b")
      paths = applied(paths, tree.take(timeout: LIMIT))
      p paths.include?(path("b/sub/old")) && !paths.include?(path("b/g"))
      unmount("b")
      paths = applied(paths, tree.take(timeout: LIMIT))
      p paths == tree.paths.to_set && paths.include?(path("b/g"))
      p tree.audit
    RUBY
  end

  it "finds what is there when a directory is bind-mounted twice inside itself" do
    expect(mounting(<<~RUBY)).to eq [%w[a/a a/b a/sub b/a b/b b/sub].inspect, "[]"]
      tree = watch
      stopped("mkdir sub; mount --bind . a; mount --bind . b")
      next_changes(tree)
      p known(tree).grep(%r{\\A[ab]/[^/]+\\z}), tree.audit
    RUBY
  end

  it "sees a mount over a name with spaces and other bytes" do
    make("x y\\z/f")
    expect(mounting(<<~'RUBY')).to eq ["true"]
      tree = watch
      mount("x y\\z")
      p tree.take(timeout: LIMIT).map(&:path) == [path("x y\\z/f")]
    RUBY
  end

  it "does not look again for what is mounted elsewhere" do
    make("tree/")
    expect(mounting(<<~RUBY)).to eq %w[true true]
      tree = watch(path("tree"))
      mount("b")
      p tree.sync, tree.take(timeout: 0).empty?
    RUBY
  end

  it "reports nothing of what is mounted in an ignored directory" do
    expect(mounting(<<~RUBY)).to eq %w[[] []]
      tree = watch(ignore: "a/")
      mount("a")
      make("a/x")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "reports what is written to a mounted file, as a root and inside of a tree" do
    make("src", "t/f", "r", "t/g")
    modified = "[[:modified, \"r\"], [:modified, \"t/f\"]]"
    expect(mounting(<<~RUBY)).to eq [modified, "[]", "[[:attributes, \"t/f\"]]", "[]"]
      bind("src", "r")
      bind("src", "t/f")
      tree = watch(path("t"), path("r"))
      File.write(path("src"), "x")
      p all_reported(tree), tree.audit
      run("umount", path("r"))
      all_changes(tree)
      File.chmod(0o600, path("src"))
      p all_reported(tree), tree.audit
    RUBY
  end

  it "reports what is written to a file by the path it is mounted at" do
    make("src", "t/f")
    expect(mounting(<<~RUBY)).to eq ["[[:modified, \"t/f\"]]"]
      bind("src", "t/f")
      tree = watch(path("t"))
      File.write(path("t/f"), "x")
      p all_reported(tree)
    RUBY
  end

  it "reports a file that is mounted later, what is written to it, and its unmount" do
    make("src", "t/f")
    expect(mounting(<<~RUBY)).to eq [*["[[:modified, \"t/f\"]]"] * 4, "[]", "[]"]
      tree = watch(path("t"))
      bind("src", "t/f")
      p all_reported(tree)
      File.write(path("src"), "x")
      p all_reported(tree)
      unmount("t/f")
      p all_reported(tree)
      File.write(path("t/f"), "x")
      p all_reported(tree)
      File.write(path("src"), "x")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "reports what is written to a mounted file in a directory that moves into the tree, and within it" do
    make("src", "o/d/f", "t/")
    expect(mounting(<<~RUBY)).to eq ["[[:modified, \"t/e/f\"]]", "[]"]
      bind("src", "o/d/f")
      tree = watch(path("t"))
      rename("o/d", "t/d")
      all_changes(tree)
      rename("t/d", "t/e")
      all_changes(tree)
      File.write(path("src"), "x")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "reports what is written to a mounted file that another one is mounted over" do
    make("src", "src2", "t/f")
    expect(mounting(<<~RUBY)).to eq ["[[:modified, \"t/f\"]]", "[[:modified, \"t/f\"]]", "[]"]
      bind("src", "t/f")
      tree = watch(path("t"))
      bind("src2", "t/f")
      p all_reported(tree)
      File.write(path("src2"), "x")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "names a mounted file that can't be watched, and reports it when it can be" do
    make("src", "t/f")
    expect(mounting(<<~RUBY)).to eq ["[Inotify::WatchLimitReached]", "[[:modified, \"t/f\"]]"]
      bind("src", "t/f")
      used = kernel_watches.size
      tree = watch(path("t"))
      needed = kernel_watches.size - used - 1
      close_watchers
      limit = "/proc/sys/user/max_inotify_watches"
      File.write(limit, needed.to_s)
      tree = watch(path("t"))
      p all_reported(tree).empty? && errors.map(&:class)
      File.write(limit, (needed + 10).to_s)
      p next_changes(tree)
    RUBY
  end

  %w[link/in up/../t/in].each do |root|
    it "notices mounts in, over and above the root #{root}" do
      make("t/in/d/old", "up/", "m/d/new")
      File.symlink("t", path("link"))
      expect(mounting(<<~RUBY)).to eq %w[true true true true [] true true []]
        tree = watch(path("#{root}"))
        see = ->(name) { all_changes(tree); p tree.paths.map { |it| it.delete_prefix(path("#{root}/")) }.include?(name) }
        bind("m/d", "t/in/d")
        see.("d/new")
        unmount("t/in/d")
        see.("d/old")
        bind("m", "t/in")
        see.("d/new")
        unmount("t/in")
        see.("d/old")
        p tree.audit
        Dir.mkdir(path("m/in"))
        File.write(path("m/in/x"), "")
        bind("m", "t")
        see.("x")
        unmount("t")
        see.("d/old")
        p tree.audit
      RUBY
    end
  end

  it "notices a mount over a file root that a symlink leads to" do
    make("src", "t/f")
    File.symlink("t", path("link"))
    File.symlink("link/f", path("f"))
    expect(mounting(<<~RUBY)).to eq ["[[:modified, \"f\"], [:modified, \"link/f\"], [:modified, \"up/../t/f\"]]"] * 2
      Dir.mkdir(path("up"))
      tree = watch(path("link/f"), path("f"), path("up/../t/f"))
      bind("src", "t/f")
      p all_reported(tree)
      File.write(path("src"), "x")
      p all_reported(tree)
    RUBY
  end

  it "notices a mount in a directory that a followed symlink leads to" do
    make("t/", "o/d/old", "m/new", "src", "o/f")
    File.symlink("../o", path("t/link"))
    mounted = "[[:created, \"t/link/d/new\"], [:deleted, \"t/link/d/old\"]]"
    expect(mounting(<<~RUBY)).to eq [mounted, "[[:modified, \"t/link/f\"]]", "[]"]
      tree = watch(path("t"), follow_symlinks: true)
      bind("m", "o/d")
      p all_reported(tree)
      bind("src", "o/f")
      all_changes(tree)
      File.write(path("src"), "x")
      p all_reported(tree), tree.audit
    RUBY
  end

  it "notices when another directory is mounted in place of one at once" do
    make("t/d/", "one/1", "two/2")
    expect(mounting(<<~RUBY)).to eq ["true"]
      bind("one", "t/d")
      tree = watch(path("t"))
      p(Array.new(30) do |i|
        now, before = i.even? ? %w[two one] : %w[one two]
        stopped("umount t/d; mount --bind $1 t/d", now)
        all_reported(tree).sort == [[:created, "t/d/\#{{ "one" => 1, "two" => 2 }[now]}"], [:deleted, "t/d/\#{{ "one" => 1, "two" => 2 }[before]}"]].sort
      end.all?)
    RUBY
  end

  it "notices when another empty file system is mounted in place of one at once" do
    make("t/d/")
    expect(mounting(<<~RUBY)).to eq ["true"]
      mount("t/d")
      File.write(path("t/d/0"), "")
      tree = watch(path("t"))
      p(Array.new(10) do |i|
        stopped("umount t/d; mount -t tmpfs none t/d; touch t/d/$1", (i + 1).to_s)
        all_reported(tree).sort == [[:created, "t/d/\#{i + 1}"], [:deleted, "t/d/\#{i}"]].sort
      end.all?)
    RUBY
  end

  it "notices when an older mount is moved onto a newer one" do
    make("t/d/", "old/1", "new/2", "at/")
    expect(mounting(<<~RUBY)).to eq ["[[:created, \"t/d/1\"], [:deleted, \"t/d/2\"]]", "[]"]
      bind("old", "at")
      bind("new", "t/d")
      tree = watch(path("t"))
      run("mount", "-n", "--move", path("at"), path("t/d"))
      p all_reported(tree), tree.audit
    RUBY
  end

  it "notices a mount in a directory that was renamed just before, while the watcher was stopped" do
    make("t/a/m/old", "src/new", "o/b/m/old")
    expect(mounting(<<~RUBY)).to eq %w[[] [] true true]
      tree = watch(path("t"))
      stopped("mv t/a t/b; mount --bind src t/b/m; mv o/b t/c; mount --bind src t/c/m")
      all_changes(tree)
      p tree.audit
      File.write(path("src/x"), "")
      all_changes(tree)
      p tree.audit, tree.paths.include?(path("t/b/m/new")), tree.paths.include?(path("t/c/m/x"))
    RUBY
  end

  it "says once that it can't notice mounts without /proc, and notices them when it is there" do
    make("t/d/old", "src/new")
    expect(mounting(<<~RUBY)).to eq %w[[Inotify::MountsUnseen] true true]
      run("mount", "-t", "tmpfs", "none", "/proc")
      tree = watch(path("t"))
      all_changes(tree)
      p errors.map(&:class)
      p errors.first.message.start_with?("/proc/self/mountinfo: No such file or directory")
      bind("src", "t/d")
      run("umount", "/proc")
      p next_changes(tree) == [[:created, "t/d/new"], [:deleted, "t/d/old"]]
    RUBY
  end
end
