# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "at the limits" do
  before { skip "no namespaces here" unless namespaces? }

  def at_limit(script)
    ruby_in_namespace(<<~RUBY).lines(chomp: true)
      Dir.chdir("#{dir}")
      LIMIT = "/proc/sys/user/max_inotify_watches"
      # How many watches a watcher needs.
      def needed(*paths)
        watcher = Inotify::Watcher.new(*paths)
        fd = Dir.children("/proc/self/fd").find { |it| (File.readlink("/proc/self/fd/\#{it}") rescue "") == "anon_inode:inotify" }
        File.readlines("/proc/self/fdinfo/\#{fd}").grep(/^inotify/).size
      ensure
        watcher.close
      end
      #{script}
    RUBY
  end

  it "names the directories without a watch and the sysctl, and watches the others" do
    reported = at_limit(<<~RUBY)
      %w[a b c d].each { |name| Dir.mkdir(name) }
      errors = []
      File.write(LIMIT, (needed(".") - 2).to_s)
      watcher = Inotify::Watcher.new(".", debounce: 0, poll: nil, on_error: ->(error) { errors << error })
      puts errors.map(&:class).uniq, errors.size, errors.first.message
      uncovered = errors.map { |error| error.message.split[7].chop }
      covered = %w[./a ./b ./c ./d] - uncovered
      [covered, uncovered].each { |dirs| File.write(dirs.first + "/file", "") }
      puts watcher.take(timeout: 180).map(&:path).first == covered.first + "/file"
      File.write(LIMIT, "1000")
      found = []
      Timeout.timeout(180) { found.concat(watcher.take.map(&:path)) until found.include?(uncovered.first + "/file") }
      puts watcher.audit.size, errors.size
    RUBY
    expect(reported).to match [
      "Inotify::WatchLimitReached", "2",
      %r{inotify_add_watch \./[a-d]: .*user.max_inotify_watches is \d+; .*sudo sysctl.*not reported until},
      "true", "0", "2"
    ]
  end

  it "takes up what had no watch as soon as watches become free" do
    reported = at_limit(<<~RUBY)
      %w[a b].each { |name| Dir.mkdir(name) }
      other = Inotify::Instance.new
      %w[/ /usr /etc /var].each { |path| other.add_watch(path, :create) }
      errors = []
      File.write(LIMIT, (needed("a", "b") + 3).to_s)
      watcher = Inotify::Watcher.new("a", "b", debounce: 0, on_error: ->(error) { errors << error })
      other.close
      File.write("a/x", ""); File.write("b/x", "")
      found = []
      Timeout.timeout(180) { found.concat(watcher.take.map(&:path)) until (found & %w[a/x b/x]).size == 2 }
      puts errors.size.positive?, watcher.audit.inspect
    RUBY
    expect(reported).to eq %w[true []]
  end

  it "raises InstanceLimitReached, and leaves nothing behind" do
    reported = at_limit(<<~RUBY)
      File.write("/proc/sys/user/max_inotify_instances", "0")
      begin
        Inotify::Watcher.new(".")
      rescue Inotify::InstanceLimitReached => e
        puts e.message
      end
      p left_after_collections
    RUBY
    expect(reported).to match [/user.max_inotify_instances is 0; .*sudo sysctl/, "[0, 0]"]
  end

  it "opens one more than there may be when others were dropped" do
    expect(at_limit(<<~RUBY)).to eq ["[false]"]
      File.write("/proc/sys/user/max_inotify_instances", "10")
      p Array.new(100) { Inotify::Watcher.new(".").closed? }.uniq
    RUBY
  end

  it "says that the process has no descriptor left" do
    reported = at_limit(<<~RUBY)
      Process.setrlimit(:NOFILE, 10)
      begin
        kept = Array.new(5) { Inotify::Watcher.new(".") }
      rescue Errno::EMFILE => e
        puts e.message
      end
    RUBY
    expect(reported).to match [/Too many open files/]
  end
end
