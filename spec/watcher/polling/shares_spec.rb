# frozen_string_literal: true

# `src` is shared at `mnt`: what happens in `src` is invisible to inotify at `mnt`.
RSpec.describe Inotify::Watcher, "on a file system that others change" do
  before do
    needs_shares
    make("src/a/f", "mnt/", "here/")
  end

  def sharing(script)
    ruby_mounting(<<~RUBY)
      require "#{File.expand_path("../../support/watchers", __dir__)}"
      include Watchers
      at_exit { close_watchers }
      def flat(changes) = changes.map { |change| short([change]).flatten + (change.rescanned? ? [:rescanned] : []) }
      #{Shares::PRELUDE}
      share(path("src"), path("mnt"))
      #{script}
    RUBY
  end

  it "loses nothing, and says that a scan found what it reports" do
    found = sharing(<<~RUBY)
      tree = watch(path("mnt"))
      File.write(path("src/a/f"), "more")
      p flat(all_changes(tree))
      make("src/b/")
      p flat(all_changes(tree)), tree.audit
    RUBY
    expect(found).to eq [
      "[[:modified, \"mnt/a/f\", :rescanned]]",
      "[[:created, \"mnt/b\", :rescanned]]",
      "[]"
    ]
  end

  it "reports only what changed since a checkpoint" do
    found = sharing(<<~RUBY)
      make("src/h")
      File.symlink(path("mnt/h"), path("here/l"))
      make("here/m")
      run("mount", "--bind", path("mnt/h"), path("here/m"))
      roots = [path("mnt"), path("here")]
      pass_the_tick
      watch(*roots, follow_symlinks: true).checkpoint(path("state"))
      since = -> { watch(*roots, follow_symlinks: true, since: path("state")).take(timeout: 0) }
      p flat(since.call)
      File.write(path("src/a/f"), "more")
      File.write(path("src/h"), "more")
      p flat(since.call).sort
    RUBY
    expect(found).to eq [
      "[]",
      "[[:modified, \"here/l\", :rescanned], [:modified, \"here/m\", :rescanned], " \
      "[:modified, \"mnt/a/f\", :rescanned], [:modified, \"mnt/h\", :rescanned]]"
    ]
  end

  it "reports what was renamed since a checkpoint as deleted and created, as FUSE has no birth times" do
    found = sharing(<<~RUBY)
      make("src/a/g", "src/b/h")
      pass_the_tick
      watch(path("mnt")).checkpoint(path("state"))
      rename("src/a/g", "src/a/x")
      rename("src/b", "src/c")
      p short(watch(path("mnt"), since: path("state")).take(timeout: 0)).sort
    RUBY
    expect(found).to eq [
      "[[:created, \"mnt/a/x\"], [:created, \"mnt/c\"], [:created, \"mnt/c/h\"], " \
      "[:deleted, \"mnt/a/g\"], [:deleted, \"mnt/b\"], [:deleted, \"mnt/b/h\"]]"
    ]
  end

  it "reports by itself within an interval" do
    expect(sharing(<<~RUBY)).to eq ["[[:created, \"mnt/a/g\"]]"]
      tree = watch(path("mnt"), poll: 0.1)
      make("src/a/g")
      p short(tree.take(timeout: LIMIT)).sort
    RUBY
  end

  it "says that it scans it, and how often" do
    found = sharing(<<~RUBY)
      tree = watch(dir, poll: 0.5)
      make("src/a/g")
      all_changes(tree)
      remote = errors.grep(Inotify::RemoteFileSystem)
      puts "\#{remote.size} \#{remote.first.message}"
    RUBY
    expect(found).to match [
      /\A1 .*mnt is on a file system of type fuse.* it is scanned every 0\.5 s instead\z/
    ]
  end

  it "finds renames by the inode" do
    expect(sharing(<<~RUBY)).to eq ["[[:renamed, \"mnt/a\", \"mnt/b\"], [:renamed, \"mnt/b/f\", \"mnt/g\"]]", "[]"]
      tree = watch(path("mnt"))
      rename("src/a", "src/b")
      found = all_changes(tree)
      rename("src/b/f", "src/g")
      # The file may have changed in the moment of its rename.
      p short((found + all_changes(tree)).select(&:renamed?)).sort, tree.audit
    RUBY
  end

  it "watches what is around it as before" do
    expect(sharing(<<~RUBY)).to eq ["[[:created, \"here/x\"], [:created, \"mnt/x\", :rescanned]]", "true"]
      tree = watch(dir, ignore: "src/")
      make("here/x", "src/x")
      p flat(all_changes(tree)).sort, tree.stats[:polled_directories] == 2
    RUBY
  end

  # As `docker run -v file:file` and subPath of Kubernetes do.
  it "scans a single file of it that is mounted in a directory, until it is unmounted" do
    make("here/f", "here/later/g")
    expect(sharing(<<~RUBY)).to eq [
      File.write(path("src/g"), "old")
      run("mount", "--bind", path("mnt/a/f"), path("here/f"))
      tree = watch(path("here"))
      File.write(path("src/a/f"), "more")
      p flat(all_changes(tree)), tree.stats[:polled_files]
      run("mount", "--bind", path("mnt/g"), path("here/later/g"))
      p flat(all_changes(tree)), tree.stats[:polled_files]
      File.rename(path("here/later"), path("here/moved"))
      all_changes(tree)
      File.write(path("src/g"), "new")
      p flat(all_changes(tree))
      run("umount", path("here/moved/g"))
      p flat(all_changes(tree)), tree.stats[:polled_files], tree.audit
    RUBY
      "[[:modified, \"here/f\", :rescanned]]", "1", "[[:modified, \"here/later/g\", :rescanned]]", "2",
      "[[:modified, \"here/moved/g\", :rescanned]]", "[[:modified, \"here/moved/g\", :rescanned]]", "1", "[]"
    ]
  end

  it "covers a root that is a file there" do
    expect(sharing(<<~RUBY)).to eq ["[[:modified, \"mnt/a/f\"]]", "[[:deleted, \"mnt/a/f\"]]"]
      tree = watch(path("mnt/a/f"))
      File.write(path("src/a/f"), "more")
      p short(all_changes(tree)).sort
      File.delete(path("src/a/f"))
      p short(all_changes(tree)).sort
    RUBY
  end

  it "follows links to it" do
    expect(sharing(<<~RUBY)).to eq ["[[:created, \"here/l/g\"], [:modified, \"here/m\"]]"]
      File.symlink(path("mnt/a"), path("here/l"))
      File.symlink(path("mnt/a/f"), path("here/m"))
      tree = watch(path("here"), follow_symlinks: true)
      File.write(path("src/a/f"), "more")
      make("src/a/g")
      p short(all_changes(tree).reject { |change| change.path.end_with?("l/f") }).sort
    RUBY
  end

  it "ignores what git ignores" do
    expect(sharing(<<~RUBY)).to eq ["[[:created, \"mnt/a/g\"]]", "[[:created, \"mnt/a/x.log\"]]", "2"]
      File.write(path("src/.gitignore"), "*.log\n/tmp/\n")
      make("src/tmp/x/y")
      tree = watch(path("mnt"), gitignore: true)
      make("src/a/x.log", "src/a/g", "src/tmp/z")
      p short(all_changes(tree)).sort
      File.write(path("src/.gitignore"), "/tmp/")
      p short(all_changes(tree)).sort.reject { |_, path| path.end_with?("ignore") }, tree.stats[:polled_directories]
    RUBY
  end

  it "goes on where it is mounted again" do
    found = sharing(<<~RUBY)
      tree = watch(path("mnt"))
      unshare(path("mnt"))
      tree.take(timeout: LIMIT) while tree.stats[:files].positive?
      all_changes(tree)
      p tree.paths.map { |path| below(path) }
      share(path("src"), path("mnt"))
      found = []
      found.concat(tree.take(timeout: LIMIT)) until found.any? { |change| change.path.end_with?("a/f") }
      p short(found).sort
      make("src/a/g")
      p short(all_changes(tree)).sort, tree.audit
    RUBY
    expect(found).to eq [
      "[\"mnt\"]",
      "[[:created, \"mnt/a\"], [:created, \"mnt/a/f\"]]",
      "[[:created, \"mnt/a/g\"]]",
      "[]"
    ]
  end

  it "does not scan where that is switched off" do
    expect(sharing(<<~RUBY)).to eq ["[]", "true"]
      tree = watch(path("mnt"), poll: nil)
      make("src/a/g")
      p all_changes(tree), errors.first.message.end_with?("does not report changes by others there")
    RUBY
  end

  describe "whose server hangs" do
    it "goes on with the rest" do
      expect(sharing(<<~RUBY)).to eq ["[[:created, \"here/x\"]]", "false", "[[:created, \"mnt/a/g\"]]"]
        tree = watch(path("mnt"), path("here"), poll: 0.1)
        hang(path("mnt"))
        make("here/x")
        p short(tree.take(timeout: LIMIT)).sort, tree.sync(timeout: 0.5)
        go_on(path("mnt"))
        make("src/a/g")
        p short(tree.take(timeout: LIMIT)).sort
      RUBY
    end

    it "does not wait for git there" do
      expect(sharing(<<~RUBY)).to eq ["[[:created, \"here/x\"]]"]
        tree = watch(path("mnt"), path("here"), poll: 0.1, git_wait: true)
        hang(path("mnt"))
        make("here/x")
        p short(tree.take(timeout: LIMIT)).sort
        go_on(path("mnt"))
      RUBY
    end

    it "replies to all that is asked" do
      found = sharing(<<~RUBY)
        tree = watch(path("mnt"), poll: 0.1)
        hang(path("mnt"))
        tree.sync(timeout: 0.5)
        p tree.paths.map { |path| below(path) }, tree.stats.values_at(:polled_directories, :polled_files), tree.audit
        tree.close
        p tree.closed?
      RUBY
      expect(found).to eq [
        "[\"mnt\", \"mnt/a\", \"mnt/a/f\"]",
        "[2, 1]",
        "[\"does not reply, and is not compared: #{dir}/mnt\"]",
        "true"
      ]
    end

    it "has no part in a checkpoint, of which it was known what it says" do
      found = sharing(<<~RUBY)
        roots = [path("mnt"), path("here")]
        pass_the_tick
        tree = watch(*roots, poll: 0.1)
        tree.sync
        hang(path("mnt"))
        make("here/x")
        p short(tree.take(timeout: LIMIT)).sort
        pass_the_tick
        tree.checkpoint(path("state"))
        tree.close
        go_on(path("mnt"))
        File.write(path("src/a/f"), "more")
        p short(watch(*roots, since: path("state")).take(timeout: 0)).sort
      RUBY
      expect(found).to eq ["[[:created, \"here/x\"]]", "[[:modified, \"mnt/a/f\"]]"]
    end

    it "lets a checkpoint that is to be written there be given up, and others be written" do
      expect(sharing(<<~RUBY)).to eq ["Timeout::Error", "true", "true"]
        tree = watch(path("here"))
        hang(path("mnt"))
        begin
          Timeout.timeout(0.2) { tree.checkpoint(path("mnt/state")) }
        rescue Timeout::Error => e
          p e.class
        end
        p tree.checkpoint(path("state")).nil?
        tree.close
        p tree.closed?
        go_on(path("mnt"))
      RUBY
    end

    it "blocks only the threads that begin to watch there" do
      expect(sharing(<<~RUBY)).to eq %w[3 true]
        hang(path("mnt"))
        threads = [
          Thread.new { Inotify.add_watch(Inotify.init, path("mnt/a"), Inotify::Flags::IN_MODIFY) },
          Thread.new { Inotify::Instance.new.add_watch(path("mnt/a"), :modify).wd },
          Thread.new { watch(path("mnt"), path("mnt/a")).close }
        ]
        Thread.pass until threads.all?(&:stop?)
        puts threads.count(&:alive?)
        go_on(path("mnt"))
        puts threads.map(&:value) == [1, 1, nil]
      RUBY
    end

    it "lets interrupts end the first scan" do
      expect(sharing(<<~RUBY)).to eq %w[Interrupt 0]
        hang(path("mnt"))
        main = Thread.current
        Thread.new { sleep 0.1 until main.stop?; main.raise(Interrupt) }
        begin
          watch(path("mnt"))
        rescue Interrupt
          puts "Interrupt"
        end
        puts watching_threads
      RUBY
    end
  end

  describe "of a type that does not say so, with poll: :always" do
    it "scans all, and watches nothing" do
      expect(sharing(<<~RUBY)).to eq ["[[:created, \"here/x\", :rescanned]]", "[0, 1, 1]", "[]", "[]"]
        tree = watch(path("here"), poll: :always)
        make("here/x")
        p flat(all_changes(tree)), tree.stats.values_at(:watches, :polled_directories, :polled_files), tree.audit, errors
      RUBY
    end

    it "reports only what changed since a checkpoint, which may be in the tree" do
      found = sharing(<<~RUBY)
        make("real/a/f", "real/g")
        File.symlink(path("real"), path("link"))
        pass_the_tick
        tree = watch(path("link"), poll: [:always, 0.05])
        state = path("real/state")
        2.times { tree.checkpoint(state) }
        p short(tree.take(timeout: 0.3)).sort
        tree.close
        since = -> { watch(path("link"), poll: :always, since: state).take(timeout: 0) }
        p short(since.call).sort
        File.write(path("real/a/f"), "more")
        p short(since.call).sort
      RUBY
      expect(found).to eq ["[]", "[]", "[[:modified, \"link/a/f\"]]"]
    end

    it "finds a root that comes and goes" do
      found = sharing(<<~RUBY)
        tree = watch(path("new"), poll: [:always, 0.1])
        make("new/x")
        p short(all_changes(tree)).sort
        FileUtils.rm_r(path("new"))
        p short(all_changes(tree)).sort
      RUBY
      expect(found).to eq [
        "[[:created, \"new\"], [:created, \"new/x\"]]",
        "[[:deleted, \"new\"], [:deleted, \"new/x\"]]"
      ]
    end
  end
end
