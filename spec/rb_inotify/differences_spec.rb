# frozen_string_literal: true

# Where this is not as rb-inotify, and is meant not to be. docs/rb-inotify.md lists them.
RSpec.describe "the differences to rb-inotify", if: Stock.stock? do
  # What each prints: [name, script, rb-inotify's, ours].
  differences = [
    ["files in directories that were made and filled at once are reported", <<~'RUBY', "a\n", "a\nb\nfile\n"],
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :create) { |event| puts event.name }
      FileUtils.mkdir_p("a/b")
      File.write("a/b/file", "")
      drain(notifier)
    RUBY
    ["what is in a directory that is moved in is reported", <<~'RUBY', "in\n", "in\nold\n"],
      FileUtils.mkdir_p("tree")
      FileUtils.mkdir_p("other/in")
      File.write("other/in/old", "")
      notifier = INotify::Notifier.new
      notifier.watch("tree", :recursive, :create, :moved_to) { |event| puts event.name }
      File.rename("other/in", "tree/in")
      drain(notifier)
    RUBY
    ["a directory that is moved out is watched no more", <<~'RUBY', "phantom\n", ""],
      FileUtils.mkdir_p(%w[tree/out other])
      notifier = INotify::Notifier.new
      notifier.watch("tree", :recursive, :create) { |event| puts event.name }
      File.rename("tree/out", "other/out")
      drain(notifier)
      File.write("other/out/phantom", "")
      drain(notifier)
    RUBY
    ["a new directory is watched before its event is delivered", <<~'RUBY', "a\n", "a\ninside\n"],
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :create) do |event|
        puts event.name
        File.write("a/inside", "") if event.name == "a"
      end
      Dir.mkdir("a")
      drain(notifier)
    RUBY
    ["directories that link to each other come to an end", <<~'RUBY', "endless\n", "ended\n"],
      names = %w[a b c]
      names.each { |name| Dir.mkdir(name) }
      names.product(names) { |name, other| File.symlink("../#{other}", "#{name}/#{other}") }
      begin
        Timeout.timeout(5) { INotify::Notifier.new.watch(Dir.pwd, :recursive, :create) {} }
        puts "ended"
      # Where it begins with one of the longest paths, the kernel rejects that before the second is over.
      rescue Timeout::Error, Errno::ELOOP
        puts "endless"
      end
    RUBY
    ["closing the watcher of a tree ends all of it", <<~'RUBY', "file\n", ""],
      Dir.mkdir("a")
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :recursive, :create) { |event| puts event.name }.close
      drain(notifier)
      File.write("a/file", "")
      drain(notifier)
    RUBY
    ["run can be called again after stop", <<~'RUBY', "nothing\n", "a\n"],
      notifier = INotify::Notifier.new
      called = Queue.new
      notifier.watch(Dir.pwd, :create) { |event| called << event.name }
      thread = Thread.new { notifier.run }
      Thread.pass until thread.stop?
      notifier.stop
      Thread.new { notifier.run }
      File.write("a", "")
      puts (Timeout.timeout(5) { called.pop } rescue "nothing")
      exit!(0)
    RUBY
    ["stop works in a signal handler", <<~'RUBY', "ThreadError\n", "stopped\n"],
      notifier = INotify::Notifier.new
      thread = Thread.new { notifier.run }
      Thread.pass until thread.stop?
      trap(:USR1) do
        notifier.stop
        puts "stopped"
      rescue ThreadError => e
        puts e.class
        exit!(0)
      end
      Process.kill(:USR1, $$)
      thread.join
    RUBY
    ["a callback that raises loses no event that was read with its own", <<~'RUBY', "", "a\nb\n"],
      notifier = INotify::Notifier.new
      notifier.watch(Dir.pwd, :create) do |event|
        raise "now" if event.name == "raise"
        puts event.name
      end
      %w[raise a b].each { |name| File.write(name, "") }
      begin
        drain(notifier)
      rescue RuntimeError
        retry
      end
    RUBY
    ["parent and child have a queue each after fork", <<~'RUBY', "1\n", "2\n"],
      notifier = INotify::Notifier.new
      count = 0
      notifier.watch(Dir.pwd, :create) { count += 1 }
      reader, writer = IO.pipe
      ready, go = IO.pipe
      child = fork do
        notifier.fd
        go.write(".")
        IO.select([notifier.to_io], nil, nil, 10)
        drain(notifier)
        writer.write(count.to_s)
        exit!
      end
      ready.read(1)
      File.write("a", "")
      Process.wait(child)
      drain(notifier)
      writer.close
      puts count + reader.read.to_i
    RUBY
    ["there is one descriptor, closed on exec", <<~'RUBY', "3 false\n", "1 true\n"],
      before = Dir.children("/proc/self/fd").size
      notifier = INotify::Notifier.new
      puts "#{Dir.children("/proc/self/fd").size - before} #{notifier.to_io.close_on_exec?}"
    RUBY
    ["an unknown flag raises ArgumentError, which names the flags", <<~'RUBY', "NameError\n", "ArgumentError\n"],
      begin
        INotify::Notifier.new.watch(Dir.pwd, :created) {}
      rescue NameError, ArgumentError => e
        puts e.class
      end
    RUBY
    ["one call of process delivers all that one read of 64 KiB gives", <<~'RUBY', "false\n", "true\n"],
      notifier = INotify::Notifier.new
      count = 0
      notifier.watch(Dir.pwd, :create) { count += 1 }
      100.times { |number| File.write(number.to_s, "") }
      notifier.process
      puts count == 100
    RUBY
    ["watchers is a Hash of the moment", <<~'RUBY', "true\n", "false\n"],
      notifier = INotify::Notifier.new
      puts notifier.watchers.equal?(notifier.watchers)
    RUBY
    ["the root of a tree has the lowest id", <<~'RUBY', "false\n", "true\n"],
      Dir.mkdir("a")
      notifier = INotify::Notifier.new
      watcher = notifier.watch(Dir.pwd, :recursive, :create) {}
      puts watcher.id == notifier.watchers.keys.min
    RUBY
    ["what is not for its users is not there", <<~'RUBY', "true true\n", "false false\n"]
      puts "#{INotify.const_defined?(:Native)} #{INotify::Event.respond_to?(:consume)}"
    RUBY
  ]

  differences.each do |name, script, stock, ours|
    it "has this one: #{name}" do
      expect([Stock.output(:stock, script), Stock.output(:ours, script)]).to eq([stock, ours])
    end
  end

  it "has this one: an unreadable directory is passed over with a warning" do
    script = <<~RUBY
      begin
        notifier = INotify::Notifier.new
        notifier.watch(ARGV[0], :recursive, :create) { |event| puts event.name }
        File.write(File.join(ARGV[0], "file"), "")
        notifier.process
      rescue Errno::EACCES => e
        puts e.class
      end
    RUBY
    FileUtils.mkdir_p(path("secret"))
    File.chmod(0o777, dir)
    File.chmod(0, path("secret"))
    results = Stock::KINDS.values.map do |options|
      become = "Process::UID.change_privilege(65_534) if Process.uid.zero?;"
      Program.run(*Program.ruby(*options, "-e", "require 'rb-inotify';#{become}#{script}", dir))
    end
    expect(results.map(&:out)).to eq(["Errno::EACCES\n", "file\n"])
    expect(results.last.err).to include("secret", "cannot be watched", "Permission denied")
  end

  it "has this one: an overflow is reported, not raised, unless raise_on_overflow is set",
     :queue_limit do
    script = <<~RUBY
      notifier = INotify::Notifier.new
      notifier.raise_on_overflow = true if ENV["RAISE"]
      notifier.watch(Dir.pwd, :create) { |event| p event.flags if event.flags.include?(:q_overflow) }
      20.times { |number| File.write(number.to_s, "") }
      begin
        drain(notifier)
      rescue INotify::QueueOverflowError => e
        puts e.class
      end
    RUBY
    outputs = with_queue_of(8) do
      [Stock.output(:stock, script), Stock.output(:ours, script), Stock.output(:ours, "ENV['RAISE'] = '1';#{script}")]
    end
    expect(outputs).to eq(["INotify::QueueOverflowError\n", "[:q_overflow]\n", "INotify::QueueOverflowError\n"])
  end
end
