# frozen_string_literal: true

# `src` is shared at `t/mnt`: what happens in `src` is invisible to inotify there.
RSpec.describe "INotify::Notifier#watch with :recursive, on a file system that others change" do
  before do
    needs_shares
    make("src/a/f", "src/g", "t/mnt/", "t/d/f")
  end

  # What a ruby prints that may mount.
  def sharing(script)
    ruby_mounting(<<~RUBY)
      #{Notified::PRELUDE}
      #{Shares::PRELUDE}
      share(path("src"), path("t/mnt"))
      #{script}
    RUBY
  end

  it "reports what others do there as events of the kernel's kind, and what happens elsewhere" do
    expect(sharing(<<~RUBY)).to eq ["[]"]
      tree = notifier
      missing = []
      [
        [-> { write("src/a/f") }, "modify t/mnt/a/f", "close_write t/mnt/a/f"],
        [-> { write("src/new") }, "create t/mnt/new", "modify t/mnt/new", "close_write t/mnt/new"],
        [-> { FileUtils.mkdir_p(path("src/x/y")) }, "create isdir t/mnt/x", "create isdir t/mnt/x/y"],
        [-> { write("src/x/y/f") }, "create t/mnt/x/y/f", "close_write t/mnt/x/y/f"],
        [-> { File.chmod(0o600, path("src/new")) }, "attrib t/mnt/new"],
        [-> { File.delete(path("src/new")) }, "delete t/mnt/new"],
        [-> { FileUtils.rm_r(path("src/x")) }, "delete t/mnt/x/y/f", "delete isdir t/mnt/x/y", "delete isdir t/mnt/x"],
        [-> { write("t/d/f") }, "modify t/d/f", "close_write t/d/f"]
      ].each do |work, *expected|
        work.call
        all = reported(tree, *expected)
        missing << [expected, all] unless (all & expected) == expected && all.uniq == all
      end
      p missing
    RUBY
  end

  it "reports a rename as two related events, and what happens in the directory by its new path" do
    expect(sharing(<<~RUBY)).to eq ["[:moved_from, :moved_to]", "true", "true", "modify t/mnt/b/f, attrib t/mnt/b/f"]
      tree = notifier("t", :move, :modify, :attrib)
      rename("src/a", "src/b")
      reported(tree, "moved_to isdir t/mnt/b")
      from, to = $events.last(2)
      p [from, to].map { |event| (event.flags & %i[moved_from moved_to]).first }
      p from.cookie == to.cookie && !from.cookie.zero?
      p from.related == [to] && to.related == [from]
      write("src/b/f")
      puts reported(tree, "modify t/mnt/b/f", "attrib t/mnt/b/f").join(", ")
    RUBY
  end

  it "reports what the flags ask for, and a local change once" do
    expect(sharing(<<~RUBY)).to eq ["create t/mnt/new, create isdir t/mnt/dir", "create t/mnt/last"]
      tree = notifier("t", :create)
      write("src/a/f")
      write("t/mnt/new")
      Dir.mkdir(path("t/mnt/dir"))
      puts reported(tree, "create t/mnt/new", "create isdir t/mnt/dir").sort.reverse.join(", ")
      write("t/mnt/new", "again")
      write("t/mnt/last")
      puts reported(tree, "create t/mnt/last").join(", ")
    RUBY
  end

  it "warns of each such place once" do
    make("src2/x", "u/")
    expect(sharing(<<~RUBY)).to eq ["t/mnt, u"]
      share(path("src2"), path("u"))
      tree = notifier
      tree.watch(path("t/mnt"), :recursive, :create) {}
      tree.watch(path("u"), :recursive, :create) {}
      write("src/last")
      reported(tree, "create t/mnt/last")
      puts $warned.map { |it| it[/inotify_rs: (.*) is on a file system of type fuse.*; it is scanned every 1 s instead/, 1] }.join(", ")
    RUBY
  end

  it "follows a root that is there, and raises as elsewhere if that is none" do
    expect(sharing(<<~RUBY)).to eq ["create t/mnt/a/new", "t/mnt t/mnt/a", "Errno::ENOENT", "Errno::ENOTDIR", "[]"]
      tree = notifier("t/mnt", :create)
      write("src/a/new")
      puts reported(tree, "create t/mnt/a/new").join(", ")
      puts tree.watchers.each_value.map { |it| relative(it.path) }.sort.join(" ")
      %w[t/mnt/nothing t/mnt/g].each do |name|
        tree.watch(path(name), :recursive, :create)
      rescue SystemCallError => e
        puts e.class
      end
      tree.watchers.each_value.find { |it| it.path.end_with?("mnt") }.close
      p tree.watchers.keys
    RUBY
  end

  it "reports nothing more of a directory that is closed" do
    expect(sharing(<<~RUBY)).to eq ["modify t/mnt/g"]
      tree = notifier("t", :modify)
      write("src/a/f")
      reported(tree, "modify t/mnt/a/f")
      tree.watchers.each_value.find { |it| it.path.end_with?("/a") }.close
      write("src/a/f", "once more")
      write("src/g")
      puts reported(tree, "modify t/mnt/g").join(", ")
    RUBY
  end

  it "goes on when it is unmounted and mounted again, and notices one that is mounted later" do
    make("t/e/", "src2/x/y")
    expect(sharing(<<~RUBY)).to eq ["true"] * 5
      tree = notifier
      unshare(path("t/mnt"))
      p reported(tree, "delete t/mnt/g").any?
      share(path("src"), path("t/mnt"))
      p reported(tree, "create t/mnt/g").any?
      write("src/g")
      p reported(tree, "close_write t/mnt/g").any?
      share(path("src2"), path("t/e"))
      all = reported(tree, "create t/e/x/y")
      p ["delete isdir t/e", "create isdir t/e", "create t/e/x/y"].map { |it| all.index(it) }.each_cons(2).all? { |one, two| one < two }
      write("src2/x/later")
      p reported(tree, "close_write t/e/x/later").any?
    RUBY
  end

  it "follows it where a directory above it moves" do
    make("t/up/mnt/")
    expect(sharing(<<~RUBY)).to eq ["true"]
      share(path("src"), path("t/up/mnt"))
      tree = notifier
      rename("t/up", "t/other")
      reported(tree, "create t/other/mnt/g")
      write("src/later")
      p reported(tree, "create t/other/mnt/later").any?
      $servers[path("t/other/mnt")] = $servers.delete(path("t/up/mnt"))
    RUBY
  end

  it "follows a link to it" do
    File.symlink("../t/mnt", path("t/d/link").tap { FileUtils.mkdir_p(path("u")) }.sub("t/d", "u"))
    expect(sharing(<<~RUBY)).to eq ["true"]
      tree = notifier("u")
      write("src/a/new")
      p reported(tree, "close_write u/link/a/new").any?
    RUBY
  end

  it "loses nothing there when the queue overflows", :queue_limit do
    expect(sharing(<<~RUBY)).to eq %w[true true]
      require "#{File.expand_path("../support/queue_limit", __dir__)}"
      tree = QueueLimit.with_queue_of(8) { notifier }
      write("src/a/new")
      50.times { |number| write("t/d/\#{number}") }
      p reported(tree, "close_write t/mnt/a/new", "close_write t/d/49").any?
      write("src/a/f")
      p reported(tree, "close_write t/mnt/a/f").none? { |it| it.include?("delete") }
    RUBY
  end

  it "goes on elsewhere, and stops and closes, while it hangs" do
    expect(sharing(<<~RUBY)).to eq %w[true interrupted true true]
      tree = notifier
      hang(path("t/mnt"))
      write("t/d/f")
      p reported(tree, "close_write t/d/f").any?
      begin
        Timeout.timeout(1) { tree.watch(path("t/mnt"), :recursive, :create) {} }
      rescue Timeout::Error
        puts "interrupted"
      end
      thread = Thread.new { tree.run }
      write("t/d/f", "again")
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until thread.stop? }
      tree.stop
      p thread.join(#{Waiting::LIMIT}).equal?(thread)
      tree.close
      go_on(path("t/mnt"))
      other = notifier("t", :create)
      write("src/later")
      p reported(other, "create t/mnt/later").any?
    RUBY
  end

  it "wakes who waits in run, by IO.select and in read_events" do
    expect(sharing(<<~RUBY)).to eq %w[true true three]
      tree = notifier("t", :create)
      thread = Thread.new { tree.run }
      write("src/one")
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until $reported.include?("create t/mnt/one") }
      tree.stop
      p thread.join.equal?(thread)
      write("src/two")
      p IO.select([tree.to_io], nil, nil, #{Waiting::LIMIT}).is_a?(Array)
      reported(tree, "create t/mnt/two")
      write("src/three")
      events = []
      events = tree.read_events while events.empty?
      puts events.map(&:name)
    RUBY
  end

  it "gives everything back when it is closed, and begins anew in a forked child" do
    expect(sharing(<<~RUBY)).to eq ["true", "true", "[0, 0]"]
      counts = -> { [Dir.children("/proc/self/fd").size, watching_threads] }
      before = counts.call
      tree = notifier("t", :create)
      child = fork do
        tree.fd
        write("src/child")
        p reported(tree, "create t/mnt/child").any?
        exit!(0)
      end
      Process.wait(child)
      p reported(tree, "create t/mnt/child").any?
      tree.close
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until counts.call == before }
      p counts.call.zip(before).map { |now, was| now - was }
    RUBY
  end

  it "makes listen see there what others do", if: Consumers.installed?("listen") do
    expect(sharing(<<~RUBY)).to eq ["true"]
      found = listened("modified t/mnt/a/f", "added t/mnt/x/new", "removed t/mnt/g", "added t/d/new") do
        write("src/a/f")
        Dir.mkdir(path("src/x"))
        write("src/x/new")
        File.delete(path("src/g"))
        write("t/d/new")
      end
      p found.uniq.size == 4
    RUBY
  end
end
