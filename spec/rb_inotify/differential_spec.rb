# frozen_string_literal: true

# The same scripts, run by rb-inotify and by what stands for it.
RSpec.describe "what rb-inotify does", if: Stock.stock? do
  scripts = {
    "a notifier reports each kind of event, with all its fields" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :all_events) { |event| show(event) }
      File.write("a", "1")
      File.read("a")
      File.chmod(0o600, "a")
      drain(notifier)
      File.rename("a", "b")
      drain(notifier)
      File.delete("b")
      Dir.mkdir("sub")
      Dir.rmdir("sub")
      drain(notifier)
    RUBY
    "a watch of a file reports no name" => <<~RUBY,
      File.write("a", "")
      notifier = INotify::Notifier.new
      notifier.watch("a", :close_write, :delete_self, :attrib) { |event| show(event) }
      File.write("a", "1")
      drain(notifier)
      File.delete("a")
      drain(notifier)
      p notifier.watchers
    RUBY
    "names are in the encoding of the file system" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) { |event| p [event.name, event.name.encoding, event.name.valid_encoding?] }
      File.write("caf\\u00e9", "")
      File.write("\\xff", "")
      drain(notifier)
    RUBY
    "the flags of each mask are those" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :move, :close, :create, :delete, :isdir) { |event| p event.flags }
      Dir.mkdir("x")
      File.write("y", "")
      File.read("y")
      File.rename("x", "z")
      drain(notifier)
    RUBY
    "a watcher has a path, flags, an id and its notifier" => <<~RUBY,
      Dir.mkdir("sub")
      notifier = INotify::Notifier.new
      watchers = [notifier.watch("sub", :create) {}, notifier.watch(Dir.pwd, :delete, :onlydir) {}]
      watchers.each { |watcher| p [watcher.path, watcher.flags, watcher.flags.frozen?, watcher.id, watcher.notifier == notifier] }
      p notifier.watchers.map { |id, watcher| [id, watchers.index(watcher)] }
    RUBY
    "the watcher added last for an inode is called" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) { puts "first" }
      notifier.watch(".", :create) { |event| puts event.absolute_name }
      File.write("a", "")
      drain(notifier)
      p notifier.watchers.size
    RUBY
    ":mask_add adds to what is watched for" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) {}
      notifier.watch(Dir.pwd, :delete, :mask_add) { |event| p event.flags }
      File.write("a", "")
      File.delete("a")
      drain(notifier)
    RUBY
    ":oneshot ends after one event" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create, :oneshot) { |event| p event.flags }
      File.write("a", "")
      File.write("b", "")
      drain(notifier)
      p notifier.watchers.size
    RUBY
    "a closed watcher is called no more, and is not among the watchers" => <<~RUBY,
      notifier = INotify::Notifier.new
      watcher = notifier.watch(Dir.pwd, :create) { puts "called" }
      File.write("a", "")
      drain(notifier)
      watcher.close
      File.write("b", "")
      drain(notifier)
      p notifier.watchers.size
      begin
        watcher.close
      rescue SystemCallError => e
        p e.class
      end
    RUBY
    "read_events returns events, whose callbacks are not called" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :move) { puts "not called" }
      File.write("a", "")
      File.rename("a", "b")
      notifier.read_events.each { |event| show(event) } while IO.select([notifier.to_io], nil, nil, 0)
    RUBY
    "run calls until it is stopped, from elsewhere and from a callback" => <<~RUBY,
      notifier = INotify::Notifier.new
      called = Queue.new
      notifier.watch(Dir.pwd, :create) { |event| called << event.name }
      thread = Thread.new { notifier.run }
      File.write("a", "")
      p called.pop
      notifier.stop
      p thread.join(180) == thread
      other = INotify::Notifier.new
      other.watch(Dir.pwd, :create) { |event| other.stop }
      File.write("b", "")
      Timeout.timeout(180) { other.run }
      puts "ended"
    RUBY
    "close ends a run, twice is as well as once, and what needs the descriptor raises IOError then" => <<~RUBY,
      notifier = INotify::Notifier.new
      thread = Thread.new { notifier.run }
      Thread.pass until thread.stop?
      notifier.close
      p thread.join(180) == thread
      notifier.close
      [-> { notifier.fd }, -> { notifier.watch(Dir.pwd, :create) {} }].each do |call|
        call.call
      rescue StandardError => e
        p e.class
      end
      p notifier.watchers
    RUBY
    "fd and to_io are of one descriptor" => <<~RUBY,
      notifier = INotify::Notifier.new
      p notifier.fd == notifier.to_io.fileno, notifier.to_io.equal?(notifier.to_io), notifier.to_io.is_a?(IO)
    RUBY
    "what can't be watched raises the class of its errno" => <<~RUBY,
      notifier = INotify::Notifier.new
      File.write("file", "")
      [["none", :create], ["file", :create, :onlydir], ["file"], ["none", :create, :recursive],
       ["file", :create, :recursive]].each do |path, *flags|
        notifier.watch(path, *flags) {}
      rescue SystemCallError => e
        p [path, flags, e.class, e.message.include?(path)]
      end
    RUBY
    "a tree reports what happens in its directories" => <<~RUBY,
      FileUtils.mkdir_p("a/b")
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :create, :delete, :move, :close_write) { |event| show(event) }
      File.write("a/b/c", "")
      drain(notifier)
      File.rename("a/b/c", "a/d")
      drain(notifier)
      File.delete("a/d")
      drain(notifier)
      p notifier.watchers.each_value.map { |watcher| [watcher.path, watcher.flags] }.sort
    RUBY
    "a tree goes on in a new directory" => <<~RUBY,
      notifier = INotify::Notifier.new
      watcher = notifier.watch(Dir.pwd, :recursive, :create) { |event| show(event) }
      p watcher.flags
      Dir.mkdir("a")
      drain(notifier)
      File.write("a/b", "")
      drain(notifier)
    RUBY
    "a tree reports of new directories only what was asked for" => <<~RUBY,
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :delete) { |event| show(event) }
      Dir.mkdir("a")
      drain(notifier)
      File.write("a/b", "")
      File.delete("a/b")
      drain(notifier)
      Dir.rmdir("a")
      drain(notifier)
    RUBY
    "a tree with :all_events reports everything, the end of watches included" => <<~RUBY,
      Dir.mkdir("a")
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :all_events) { |event| p [event.absolute_name, event.flags] }
      Dir.rmdir("a")
      drain(notifier)
    RUBY
    "a tree goes on under the new name of a renamed directory" => <<~RUBY,
      FileUtils.mkdir_p("a/b")
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :create, :move) { |event| p [event.absolute_name, event.flags] }
      File.rename("a", "c")
      drain(notifier)
      File.write("c/b/file", "")
      drain(notifier)
    RUBY
    "QueueOverflowError is a RuntimeError" => <<~RUBY
      p INotify::QueueOverflowError.superclass
      p Gem::Requirement.new(">= 0.9.10", "< 1.0").satisfied_by?(Gem::Version.new(INotify::VERSION))
    RUBY
  }

  scripts.each do |name, script|
    it "is so here, too: #{name}" do
      ours = Stock.output(:ours, script)
      expect(ours).not_to be_empty
      expect(ours).to eq(Stock.output(:stock, script))
    end
  end

  it "differs from what it does not do" do
    script = "p INotify.const_defined?(:Native)"
    expect(Stock.output(:ours, script)).not_to eq(Stock.output(:stock, script))
  end
end
