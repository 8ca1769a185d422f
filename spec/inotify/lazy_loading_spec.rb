# frozen_string_literal: true

# In processes of their own, which have loaded nothing else.
RSpec.describe Inotify, "and the files that it loads when they are needed" do
  # Begins each script. `loads` prints which files the block loads.
  prelude = <<~RUBY
    require "inotify_rs"
    Warning[:experimental] = false
    DIR = ARGV.first.dup

    def loads
      before = $LOADED_FEATURES.dup
      yield
      puts "loaded: \#{($LOADED_FEATURES - before).map { |file| File.basename(file) }}"
    end

    def touch(name) = File.write(File.join(DIR, name), "")

    def raised
      yield
    rescue SystemCallError, ArgumentError, TypeError, IOError => e
      e.class
    end
  RUBY

  def run(command, script)
    result = Program.run(*command, "-w", *script, dir, chdir: dir)
    expect([result.err, result.status.exitstatus]).to eq(["", 0])
    result.out
  end

  define_method(:printed) do |script, lib: Children::LIB|
    run(Program.ruby("-I", lib), ["-e", prelude + script])
  end

  nothing = "loaded: []\n"
  # The calls that programs make to objects of each class.
  uses = {
    "the calls" => ["Inotify.name", <<~RUBY],
      fd = Inotify.init(Inotify::Flags::IN_NONBLOCK)
      wd = Inotify.add_watch(fd, DIR, :create)
      touch("a")
      Inotify.watch(fd, timeout: 1) { |event, name| [event.inspect, event.to_h, event.hash, event.isdir?, name] }
      Inotify.watch(fd).to_a
      raised { Inotify.add_watch(fd, DIR, :creat) }
      raised { Inotify.add_watch(fd, "\#{DIR}/none", :create) }
      raised { Inotify.watch(0) { nil } }
      Inotify.rm_watch(fd, wd)
      Inotify.close(fd)
    RUBY
    "an instance" => ["Inotify::Instance.name", <<~RUBY],
      Inotify::Instance.open do |instance|
        watch = instance.add_watch(DIR, :create)
        touch("b")
        [instance.events_waiting?, instance.read(timeout: 1).map { |event| [event.path, event.watch] }]
        touch("c")
        instance.each { |event, name| break [event, name] }
        [instance.inspect, instance.watches.map(&:inspect), instance.to_io.inspect, instance.fileno, instance.lazy]
        raised { instance.add_watch("\#{DIR}/none", :create) }
        raised { instance.dup }
        watch.remove
      end
    RUBY
    "a watcher" => ["Inotify::Watcher.name", <<~RUBY],
      errors = []
      watcher = Inotify::Watcher.new(
        DIR, "\#{DIR}/none/deep", only: ["*.rb", /x/], ignore: ->(path) { raise "no" if path.end_with?("d.rb") },
        gitignore: true, git_wait: true, closed: true, poll: [:always, 60], debounce: 0.01,
        on_error: ->(error) { errors << error }, on_progress: ->(found) { found }
      )
      touch("d.rb")
      watcher.sync
      watcher.take(timeout: 0).map { |change| [change.inspect, change.to_h, change.hash, change.created?] }
      watcher.start { |changes| changes }
      touch("e.rb")
      watcher.stop
      touch("f.rb")
      watcher.sync
      watcher.each { |changes| break changes }
      [watcher.inspect, watcher.paths, watcher.stats, watcher.audit, watcher.to_io.inspect]
      watcher.checkpoint("\#{DIR}/state")
      raised { watcher.dup }
      raised { Inotify::Watcher.new(DIR, only: "../x") }
      raised { Inotify::Watcher.new(DIR, poll: 0) }
      raised { Inotify::Watcher.new(DIR, git_wait: 0) }
      watcher.close
      raised { watcher.take }
    RUBY
    "the limits" => ["Inotify::Limit.name", "Inotify.limits.each_value { |limit| [limit.inspect, limit.to_h] }\n"],
    "a checker of Rails" => ['require "inotify_rs/rails"; Inotify::FileUpdateChecker.name', <<~RUBY],
      checker = Inotify::FileUpdateChecker.new(["\#{DIR}/g"], { DIR => ["rb", :yml] }) { nil }
      touch("g")
      [checker.updated?, checker.execute_if_updated, checker.execute, checker.inspect]
      raised { Inotify::FileUpdateChecker.new(["a\\0"]) { nil } }
      raised { checker.dup }
    RUBY
    "a notifier of rb-inotify" => ['require "inotify_rs/rb_inotify"; INotify::Notifier.name', <<~RUBY]
      notifier = INotify::Notifier.new
      watch = notifier.watch(DIR, :create, :recursive) do |event|
        [event.name, event.flags, event.absolute_name, event.related]
      end
      touch("h")
      notifier.process
      touch("i")
      notifier.read_events
      raised { notifier.watch("\#{DIR}/none", :create) { nil } }
      watch.close
      notifier.close
    RUBY
  }

  it "loads nothing of trees, limits or the command line for the calls and instances" do
    script = uses.fetch_values("the calls", "an instance").map(&:last).join
    loaded = printed("#{script}puts $LOADED_FEATURES.grep(%r{/inotify_rs})")
    expect(loaded.lines.map { |file| File.basename(file.chomp, ".*") }).to include("calls", "event", "instance")
    expect(loaded).not_to match(%r{/(watcher|change|limit|filter|patterns|delivery|runner|poll|cli)\b|_usage})
  end

  uses.each do |name, (named, script)|
    it "loads nothing more for #{name} once it is named" do
      expect(printed("#{named}\nloads {\n#{script}}")).to eq(nothing)
    end
  end

  it "loads a class when it is first named" do
    expect(printed("loads { Inotify::Watcher.name }; loads { Inotify.limits }; loads { Inotify::Limit.name }"))
      .to match(/\Aloaded: .*"change.rb".*"watcher.rb".*\nloaded: .*"limit_usage.rb".*"limit.rb".*\nloaded: \[\]/)
  end

  it "loads changes without watchers" do
    expect(printed("loads { Inotify::Change.name }; p Inotify::Change.method_defined?(:path)"))
      .to eq(%(loaded: ["change.rb"]\ntrue\n))
  end

  it "loads all of it by eager_load!, and nothing by another" do
    script = "p Inotify.eager_load!; loads { Inotify.eager_load! }; loads {\n" \
             "#{uses.fetch("a watcher").last}#{uses.fetch("the limits").last}}"
    expect(printed(script)).to eq("nil\n#{nothing}#{nothing}")
  end

  it "loads with a frozen load path, from a relative one, and in another directory than at first" do
    FileUtils.cp_r(Children::LIB, path("lib"))
    script = 'Dir.chdir("/"); $LOAD_PATH.freeze; Inotify::Watcher.new(DIR).close; puts Inotify.limits.size'
    expect(printed(script, lib: "lib")).to eq("3\n")
  end

  it "loads once for threads that name a class at the same time" do
    script = "p Array.new(8) { Thread.new { Inotify::Watcher.new(DIR).tap(&:close).closed? } }.map(&:value).uniq"
    expect(printed(script)).to eq("[true]\n")
  end

  it "needs no file for an object where there is no descriptor left" do
    expect(printed(<<~RUBY)).to eq("Errno::EMFILE\ntrue\n")
      watcher = Inotify::Watcher.new(DIR)
      Process.setrlimit(Process::RLIMIT_NOFILE, 64)
      files = []
      raised { loop { files << File.open(DIR) } }
      p raised { Inotify::Watcher.new(DIR) }
      files.pop.close
      touch("a")
      puts watcher.sync && watcher.take.first.created?
    RUBY
  end

  it "needs no file for an object in a signal handler and at the end" do
    expect(printed(<<~RUBY)).to eq("[]\nfalse\n[]\n")
      watcher = Inotify::Watcher.new(DIR)
      trap(:USR1) { p watcher.take(timeout: 0), watcher.closed? }
      at_exit { p watcher.tap(&:sync).take(timeout: 0) }
      Process.kill(:USR1, Process.pid)
    RUBY
  end

  it "lets instances and watchers work in a Ractor" do
    expect(printed(<<~RUBY)).to eq("[true, true]\n")
      def value(ractor) = ractor.respond_to?(:value) ? ractor.value : ractor.take
      instance = value(Ractor.new(DIR) { |dir| Inotify::Instance.open { |it| it.add_watch(dir, :create).wd == 1 } })
      p [instance, value(Ractor.new(DIR) { |dir| Inotify::Watcher.new(dir).tap(&:close).closed? })]
    RUBY
  end

  describe "as a user who may not read them" do
    before do
      skip "needs root" unless Process.uid.zero?
      FileUtils.mkdir(hidden, mode: 0o700)
      FileUtils.cp_r(Children::LIB, hidden)
      FileUtils.chmod(0o755, dir)
      FileUtils.mkdir(path("watched"), mode: 0o777)
    end

    let(:hidden) { path("hidden") }

    drop = <<~RUBY
      DIR << "/watched"
      Process::GID.change_privilege(65_534)
      Process::UID.change_privilege(65_534)
    RUBY

    uses.each do |name, (named, script)|
      it "uses #{name} that was named before" do
        script = "#{named}\nGem.path\n#{drop}loads {\n#{script}}"
        expect(printed(script, lib: File.join(hidden, "lib"))).to eq(nothing)
      end
    end

    it "uses an instance that was not named before" do
      expect(printed("#{drop}#{uses.fetch("an instance").last}puts 1", lib: File.join(hidden, "lib"))).to eq("1\n")
    end

    it "uses a watcher in another root directory after eager_load!" do
      script = "Inotify.eager_load!; Dir.chroot(DIR); DIR.replace(\"/watched\")\n#{uses.fetch("a watcher").last}puts 1"
      expect(printed(script, lib: File.join(hidden, "lib"))).to eq("1\n")
    end
  end
end
