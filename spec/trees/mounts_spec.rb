# frozen_string_literal: true

# In mount namespaces of their own: nobody else sees what is mounted there.
RSpec.describe Inotify::Watcher, "when something is mounted in its tree" do
  before do
    skip "needs mount namespaces" unless mount_namespaces?
    make("a/sub/old", "a/f", "b/g")
  end

  # What a ruby prints that may mount. It has {Trees}, and the example's directory.
  def mounting(script)
    ruby_mounting(<<~RUBY + script)
      require "#{File.expand_path("../support/trees", __dir__)}"
      include Trees
      at_exit { close_watchers }
      def mount(name) = run("mount", "-t", "tmpfs", "none", path(name))
      def bind(from, to) = run("mount", "--bind", path(from), path(to))
      def unmount(name) = run("umount", path(name))

      # The first changes that come; a mount is no event that #sync could wait for.
      def next_changes(watcher) = short(watcher.take(timeout: LIMIT))
    RUBY
  end

  it "tells what is covered as deleted, and what is in the mounted file system as created" do
    expect(mounting(<<~RUBY)).to eq ["[[:deleted, \"a/f\"], [:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]", "[]"]
      tree = watcher
      mount("a")
      p next_changes(tree), tree.audit
    RUBY
  end

  it "hears what happens in the mounted file system" do
    expect(mounting(<<~RUBY)).to eq ["[[:created, \"a/new\"], [:created, \"a/new/x\"]]"]
      tree = watcher
      mount("a")
      next_changes(tree)
      make("a/new/x")
      p told(tree)
    RUBY
  end

  it "tells what appears again when it is unmounted, and hears it" do
    appeared = "[[:created, \"a/f\"], [:created, \"a/sub\"], [:created, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [appeared, "true", "[]"]
      mount("a")
      tree = watcher
      unmount("a")
      p next_changes(tree)
      make("a/sub/new")
      p told(tree).include?([:created, "a/sub/new"]), tree.audit
    RUBY
  end

  it "tells what was in the file system that is unmounted as deleted" do
    expect(mounting(<<~RUBY)).to eq ["true"]
      mount("a")
      make("a/in/x")
      tree = watcher
      before = tree.paths
      unmount("a")
      p applied(before, tree.take(timeout: LIMIT)) == tree.paths.to_set
    RUBY
  end

  it "follows a mount over the root itself" do
    covered = "[[:deleted, \"a/f\"], [:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [covered, "[[:created, \"a/n\"]]"]
      tree = watcher(path("a"))
      mount("a")
      p next_changes(tree)
      make("a/n")
      p told(tree)
    RUBY
  end

  it "follows a mount over a directory that leads to the root" do
    covered = "[[:deleted, \"a/sub\"], [:deleted, \"a/sub/old\"]]"
    expect(mounting(<<~RUBY)).to eq [covered, "[[:created, \"a/sub\"]]"]
      tree = watcher(path("a/sub"))
      mount("a")
      p next_changes(tree)
      make("a/sub/")
      p told(tree)
    RUBY
  end

  it "tells changes in a bind mount under both paths" do
    expect(mounting(<<~RUBY)).to eq ["[[:created, \"a/new\"], [:created, \"b/new\"]]", "[]"]
      bind("a", "b")
      tree = watcher
      make("a/new")
      p told(tree), tree.audit
    RUBY
  end

  it "sees a bind mount come and go" do
    expect(mounting(<<~RUBY)).to eq %w[true true []]
      tree = watcher
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

  it "sees a mount over a name with spaces and other bytes" do
    make("x y\\z/f")
    expect(mounting(<<~'RUBY')).to eq ["true"]
      tree = watcher
      mount("x y\\z")
      p tree.take(timeout: LIMIT).map(&:path) == [path("x y\\z/f")]
    RUBY
  end

  it "does not look again for what is mounted elsewhere" do
    make("tree/")
    expect(mounting(<<~RUBY)).to eq %w[true true]
      tree = watcher(path("tree"))
      mount("b")
      p tree.sync, tree.take(timeout: 0).empty?
    RUBY
  end

  it "tells nothing of what is mounted in an ignored directory" do
    expect(mounting(<<~RUBY)).to eq %w[[] []]
      tree = watcher(ignore: "a/")
      mount("a")
      make("a/x")
      p told(tree), tree.audit
    RUBY
  end
end
