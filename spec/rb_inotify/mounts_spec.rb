# frozen_string_literal: true

# In mount namespaces of their own: nobody else sees what is mounted there.
RSpec.describe "INotify::Notifier#watch with :recursive, when something is mounted in the tree" do
  before do
    skip "needs mount namespaces" unless mount_namespaces?
    make("t/d/old", "t/d/sub/", "m/new", "m/in/deep", "src", "other")
  end

  # What a ruby prints that may mount.
  def mounting(script)
    ruby_mounting(<<~RUBY + script)
      require "inotify_rs/rb_inotify"
      require "io/wait"
      $reported = []
      def bind(from, to) = run("mount", "--bind", path(from), path(to))
      def unmount(name) = run("umount", path(name))
      def touch(*names) = names.each { |name| File.write(path(name), "y") }

      def notifier(root = "t", *flags)
        flags = %i[create delete modify move] if flags.empty?
        INotify::Notifier.new.tap do |notifier|
          notifier.watch(path(root), :recursive, *flags) do |event|
            $reported << [Inotify::Flags.to_flags(event.mask).first.to_s, event.absolute_name.delete_prefix(dir + "/")].join(" ")
          end
        end
      end

      # What is reported until all of these are; nothing is printed otherwise.
      def reported(notifier, *names)
        $reported.clear
        Timeout.timeout(#{Waiting::LIMIT}) do
          until names.all? { |name| $reported.include?(name) }
            notifier.to_io.wait_readable
            notifier.process
          end
          notifier.process while notifier.to_io.wait_readable(0)
        end
        $reported.uniq
      rescue Timeout::Error
        raise "only \#{$reported}"
      end

      def paths(notifier) = notifier.watchers.each_value.map { |watcher| watcher.path.delete_prefix(dir + "/") }.sort
    RUBY
  end

  it "reports what is covered as deleted and what is mounted as created, and goes on in it" do
    expect(mounting(<<~RUBY)).to eq ["delete t/d, create t/d, create t/d/in, create t/d/new", "t t/d t/d/in", "true"]
      tree = notifier
      bind("m", "t/d")
      all = reported(tree, "create t/d/new", "create t/d/in")
      puts [all.first, *(all - ["delete t/d", "create t/d/in/deep", "modify t/d/new", "modify t/d/in/deep"]).sort.uniq].join(", ")
      puts paths(tree).join(" ")
      touch("m/in/later")
      p reported(tree, "create t/d/in/later").any?
    RUBY
  end

  it "reports what was below when it is unmounted, keeps no watch of what is gone, and goes on" do
    expect(mounting(<<~RUBY)).to eq ["true", "t t/d t/d/sub", "4", "true"]
      bind("m", "t/d")
      tree = notifier
      unmount("t/d")
      all = reported(tree, "create t/d/old", "create t/d/sub")
      p all.index("delete t/d") < all.index("create t/d")
      puts paths(tree).join(" ")
      puts File.readlines("/proc/self/fdinfo/\#{tree.fd}").grep(/^inotify/).size
      touch("t/d/sub/later")
      p reported(tree, "create t/d/sub/later").any?
    RUBY
  end

  it "wakes who waits in run" do
    expect(mounting(<<~RUBY)).to eq ["true"]
      tree = notifier
      thread = Thread.new { tree.run }
      run("mount", "-t", "tmpfs", "none", path("t/d"))
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until $reported.include?("create t/d") }
      touch("t/d/in")
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until $reported.include?("create t/d/in") }
      tree.stop
      p thread.join.equal?(thread)
    RUBY
  end

  it "notices when another directory is mounted in place of one at once, and when a mount is moved onto a newer" do
    make("at/", "n/2")
    expect(mounting(<<~RUBY)).to eq ["true"] * 3
      bind("m", "t/d")
      tree = notifier
      run("sh", "-ec", 'cd "$0"; umount t/d; mount --bind n t/d', dir)
      p reported(tree, "create t/d/2").any?
      bind("m", "at")
      run("mount", "-n", "--move", path("at"), path("t/d"))
      p reported(tree, "create t/d/new").any?
      touch("m/later")
      p reported(tree, "create t/d/later").any?
    RUBY
  end

  it "notices a mount in a directory that was renamed just before, while nobody read" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      tree = notifier
      File.rename(path("t/d"), path("t/e"))
      bind("m", "t/e/sub")
      p reported(tree, "create t/e/sub/new").any?
      touch("m/later")
      p reported(tree, "create t/e/sub/later").any?
    RUBY
  end

  %w[link/in up/../t/in].each do |root|
    it "notices mounts in, over and above the root #{root}" do
      make("t/in/d/old", "up/", "m/in/x", "m/d/y")
      File.symlink("t", path("link"))
      expect(mounting(<<~RUBY)).to eq ["true"] * 8
        tree = notifier("#{root}")
        see = lambda do |name, written, later|
          p reported(tree, "create #{root}/" + name).any?
          touch(written)
          p reported(tree, "create #{root}/" + later).any?
        end
        bind("m", "t/in/d")
        see.("d/new", "m/1", "d/1")
        unmount("t/in/d")
        see.("d/old", "t/in/d/2", "d/2")
        bind("m", "t/in")
        see.("new", "m/3", "3")
        unmount("t/in")
        reported(tree, "create #{root}/d")
        bind("m", "t")
        see.("x", "m/in/4", "4")
        unmount("t")
      RUBY
    end
  end

  it "goes on with the root when what covered its parent is unmounted" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      tree = notifier("t/d")
      run("mount", "-t", "tmpfs", "none", path("t"))
      p reported(tree, "delete t/d/sub").any?
      unmount("t")
      reported(tree, "create t/d/sub")
      touch("t/d/sub/later")
      p reported(tree, "create t/d/sub/later").any?
    RUBY
  end

  it "goes on with the root when the file system that is mounted there is unmounted" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      run("mount", "-t", "tmpfs", "none", path("t"))
      tree = notifier
      watcher = tree.watchers.each_value.first
      unmount("t")
      reported(tree, "create t/d")
      p tree.watchers[watcher.id].equal?(watcher)
      touch("t/d/later")
      p reported(tree, "create t/d/later").any?
      watcher.close
    RUBY
  end

  it "notices a mount behind a link that it follows" do
    make("o/d/old")
    File.symlink("../o", path("t/link"))
    expect(mounting(<<~RUBY)).to eq %w[true true]
      tree = notifier
      bind("m", "o/d")
      p reported(tree, "create t/link/d/new").any?
      touch("m/later")
      p reported(tree, "create t/link/d/later").any?
    RUBY
  end

  it "reports what is written to a mounted file, one that is mounted later, and its unmount" do
    make("t/f", "t/g")
    expect(mounting(<<~RUBY)).to eq ["modify t/f", "modify t/g", "modify t/g", "modify t/g", "modify t/g", "modify t/g"]
      bind("src", "t/f")
      tree = notifier("t", :modify)
      touch("src")
      puts reported(tree, "modify t/f")
      bind("other", "t/g")
      puts reported(tree, "modify t/g")
      touch("other")
      puts reported(tree, "modify t/g")
      touch("t/g")
      puts reported(tree, "modify t/g")
      unmount("t/g")
      puts reported(tree, "modify t/g")
      touch("other", "t/g")
      puts reported(tree, "modify t/g")
    RUBY
  end

  it "reports what is written to a mounted file in a directory that is moved in and within, under all its names" do
    make("o/e/f", "t/g")
    expect(mounting(<<~RUBY)).to eq ["modify t/d/sub/e/f, modify t/g"]
      bind("src", "o/e/f")
      bind("src", "t/g")
      tree = notifier("t", :modify)
      File.rename(path("o/e"), path("t/e"))
      tree.process while tree.to_io.wait_readable(0)
      File.rename(path("t/e"), path("t/d/sub/e"))
      tree.process while tree.to_io.wait_readable(0)
      touch("src")
      puts reported(tree, "modify t/d/sub/e/f", "modify t/g").sort.join(", ")
    RUBY
  end

  it "leaves a watch of its own of a file to who asked for it" do
    make("t/f")
    expect(mounting(<<~RUBY)).to eq ["[:attrib]"]
      bind("src", "t/f")
      tree = notifier("t", :modify)
      other = []
      tree.watch(path("src"), :attrib) { |event| other.concat(event.flags) }
      touch("src")
      File.chmod(0o600, path("src"))
      Timeout.timeout(#{Waiting::LIMIT}) { tree.process until other.any? }
      p other
    RUBY
  end

  it "reports nothing of what is mounted elsewhere" do
    make("e/")
    expect(mounting(<<~RUBY)).to eq ["create t/last"]
      tree = notifier("t", :create)
      bind("m", "e")
      tree.to_io.wait_readable
      tree.process
      touch("t/last")
      puts reported(tree, "create t/last")
    RUBY
  end

  it "follows two trees, and begins anew in a forked child" do
    make("u/d/old", "n/2")
    expect(mounting(<<~RUBY)).to eq ["true"] * 3
      tree = notifier
      tree.watch(path("u"), :recursive, :create) { |event| $reported << "create \#{event.absolute_name.delete_prefix(dir + "/")}" }
      child = fork do
        tree.fd
        bind("m", "u/d")
        p reported(tree, "create u/d/new").any?
      end
      Process.wait(child)
      p reported(tree, "create u/d/new").any?
      bind("n", "t/d")
      p reported(tree, "create t/d/2").any?
    RUBY
  end

  it "goes on at the place that is left of two that one directory is mounted at" do
    make("t/e/")
    expect(mounting(<<~RUBY)).to eq ["true"]
      tree = notifier
      bind("m", "t/d")
      reported(tree, "create t/d/new")
      bind("m", "t/e")
      reported(tree, "create t/e")
      unmount("t/d")
      reported(tree, "create t/d/old", "create t/e/new")
      touch("m/later")
      p reported(tree, "create t/e/later").any?
    RUBY
  end

  it "notices mounts after the queue has overflowed", :queue_limit do
    expect(mounting(<<~RUBY)).to eq ["true"]
      require "#{File.expand_path("../support/queue_limit", __dir__)}"
      tree = QueueLimit.with_queue_of(8) { notifier }
      50.times { |number| touch("t/\#{number}") }
      bind("m", "t/d")
      p reported(tree, "create t/d/new").any?
    RUBY
  end

  it "takes three descriptors more for that, and gives them back with the thread" do
    expect(mounting(<<~RUBY)).to eq ["[1, 0]", "[4, 1]", "[0, 0]"]
      count = -> { [Dir.children("/proc/self/fd").size, watching_threads] }
      before = count.()
      more = -> { p count.().zip(before).map { |now, then_| now - then_ } }
      tree = INotify::Notifier.new
      tree.watch(path("t"), :create) {}
      more.()
      tree.watch(path("t"), :recursive, :create) {}
      # It gives itself its name.
      Timeout.timeout(LIMIT) { sleep 0.001 until watching_threads == 1 }
      more.()
      tree.close
      more.()
    RUBY
  end

  it "warns once without /proc, and goes on" do
    expect(mounting(<<~RUBY)).to eq %w[1 true]
      run("mount", "-t", "tmpfs", "none", "/proc")
      warned = []
      Warning.define_singleton_method(:warn) { |message, **| warned << message }
      tree = notifier
      tree.watch(path("m"), :recursive, :create) {}
      p warned.grep(/mounted or unmounted.*mountinfo/).size
      touch("t/d/later")
      p reported(tree, "create t/d/later").any?
    RUBY
  end
end
