# frozen_string_literal: true

require "inotify_rs/rails"

# In mount namespaces of their own: nobody else sees what is mounted there.
RSpec.describe Inotify::FileUpdateChecker, "and mounts" do
  before do
    skip "needs mount namespaces" unless mount_namespaces?
    write("in/below/a.rb")
  end

  # What a ruby prints that may mount.
  def mounting(script)
    ruby_mounting(<<~RUBY + script)
      require "inotify_rs/rails"
      def checker(name) = Inotify::FileUpdateChecker.new([], { path(name) => ["rb"] }) {}
      def file_checker(name) = Inotify::FileUpdateChecker.new([path(name)]) {}
      def bind(from, to) = run("mount", "--bind", path(from), path(to))
      def unmount(name) = run("umount", path(name))
      def write(name) = File.write(path(name), "")
    RUBY
  end

  it "reports an unmount, and goes on with what was below" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      run("mount", "-t", "tmpfs", "none", "#{path("in/below")}")
      checker = checker("in")
      run("umount", "#{path("in/below")}")
      p checker.execute_if_updated
      write("in/below/a.rb")
      p checker.execute_if_updated
    RUBY
  end

  it "notices changes by another path of a directory that is mounted in several places" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      Dir.mkdir("#{path("in/again")}")
      run("mount", "--bind", "#{path("in/below")}", "#{path("in/again")}")
      checker = checker("in")
      %w[in/below/a.rb in/again/a.rb].each { |name| write(name) && p(checker.execute_if_updated) }
    RUBY
  end

  it "finishes where a directory is mounted in itself" do
    expect(mounting(<<~RUBY)).to eq %w[true]
      run("mount", "--bind", "#{path("in")}", "#{path("in/below")}")
      checker = checker("in")
      write("in/below/c.rb")
      p checker.execute_if_updated
    RUBY
  end

  %w[in link/below up/../in].each do |root|
    it "notices mounts in, over and above the directory #{root}" do
      write("m/b.rb")
      write("m/below/c.rb")
      write("src/d.rb")
      File.symlink("in", path("link"))
      FileUtils.mkdir_p(path("up"))
      expect(mounting(<<~RUBY)).to eq %w[false true false true false true false true false]
        checker = checker("#{root}")
        see = -> { p checker.execute_if_updated }
        see.()
        [%w[src in/below], %w[m in]].each do |from, to|
          bind(from, to)
          2.times { see.() }
          unmount(to)
          2.times { see.() }
        end
      RUBY
    end
  end

  it "notices a mount over a file and what is written to it, given by itself, over a symlink and in a directory" do
    write("src")
    write("other")
    File.symlink("in/below", path("link"))
    expect(mounting(<<~RUBY)).to eq ["[[false, false, false]]", *["[[true, true, true], [false, false, false]]"] * 5]
      checkers = [file_checker("in/below/a.rb"), file_checker("link/a.rb"), checker("in")]
      see = ->(times = 2) { p(Array.new(times) { checkers.map(&:execute_if_updated) }) }
      see.(1)
      bind("src", "in/below/a.rb")
      see.()
      File.write(path("src"), "x")
      see.()
      run("sh", "-ec", 'cd "$0"; umount in/below/a.rb; mount --bind other in/below/a.rb', dir)
      see.()
      File.write(path("in/below/a.rb"), "x")
      see.()
      unmount("in/below/a.rb")
      see.()
    RUBY
  end

  it "notices what is written to a file that was mounted before, also after its directory moved" do
    write("src")
    expect(mounting(<<~RUBY)).to eq %w[true true false true]
      bind("src", "in/below/a.rb")
      checker = checker("in")
      File.write(path("src"), "x")
      p checker.execute_if_updated
      File.rename(path("in/below"), path("in/moved"))
      p checker.execute_if_updated, checker.execute_if_updated
      File.write(path("src"), "y")
      p checker.execute_if_updated
    RUBY
  end

  it "notices a mount in a directory that was renamed just before" do
    write("m/b.rb")
    expect(mounting(<<~RUBY)).to eq %w[true true]
      checker = checker("in")
      FileUtils.mkdir_p(path("in/below/d"))
      p checker.execute_if_updated || true
      File.rename(path("in/below"), path("in/moved"))
      bind("m", "in/moved/d")
      checker.execute_if_updated
      write("in/moved/d/b.rb")
      p checker.execute_if_updated
    RUBY
  end

  it "notices when an older mount is moved onto a newer one, or another one takes its place at once" do
    write("m/b.rb")
    write("n/c.rb")
    FileUtils.mkdir_p(path("at"))
    expect(mounting(<<~RUBY)).to eq %w[true false true]
      bind("m", "at")
      run("mount", "-t", "tmpfs", "none", path("in/below"))
      checker = checker("in")
      run("mount", "-n", "--move", path("at"), path("in/below"))
      p checker.execute_if_updated, checker.execute_if_updated
      unmount("in/below")
      run("sh", "-ec", 'cd "$0"; umount in/below; mount --bind n in/below', dir)
      p checker.execute_if_updated
    RUBY
  end

  it "notices in a forked child what was mounted since its parent asked" do
    write("m/b.rb")
    expect(mounting(<<~RUBY)).to eq %w[true false true]
      checker = checker("in")
      checker.updated?
      bind("m", "in/below")
      Process.wait(fork { 2.times { p checker.execute_if_updated } })
      p checker.execute_if_updated
    RUBY
  end

  it "warns once without /proc, and goes on" do
    expect(mounting(<<~RUBY)).to eq %w[1 true]
      run("mount", "-t", "tmpfs", "none", "/proc")
      warned = []
      Warning.define_singleton_method(:warn) { |message, **| warned << message }
      checker = checker("in")
      checker.updated?
      p warned.grep(/mounts and unmounts.*mountinfo/).size
      write("in/below/a.rb")
      p checker.execute_if_updated
    RUBY
  end
end
