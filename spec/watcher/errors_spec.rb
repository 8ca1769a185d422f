# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and what it can't watch" do
  # Runs a script as a user without privileges, in the example's directory, which is that user's.
  def unprivileged_ruby(script)
    FileUtils.chmod(0o777, dir)
    ruby(<<~RUBY)
      become_nobody if Process.uid.zero?
      Dir.chdir("#{dir}")
      def report(watcher)
        2.times.flat_map { watcher.sync && watcher.take(timeout: 0) }.map { |it| [it.type, it.path, it.from].compact.join(" ") }
      end
      def report_until(watcher, path)
        found = []
        Timeout.timeout(LIMIT) { found.concat(watcher.take.map { |it| "\#{it.type} \#{it.path}" }) until found.any? { |it| it.end_with?(path) } }
        found
      end
      #{script}
    RUBY
  end

  it "names the directory that may not be read, watches the others, and takes it up when it may be" do
    expect(unprivileged_ruby(<<~RUBY).lines(chomp: true)).to match [
      Dir.mkdir("closed"); Dir.mkdir("open"); File.write("closed/a", ""); File.chmod(0, "closed")
      errors = []
      watcher = Inotify::Watcher.new(".", debounce: 0, on_error: ->(error) { errors << error })
      puts errors.size, errors.first.class, errors.first.message
      File.write("open/b", "")
      puts report_until(watcher, "open/b").first
      File.chmod(0o700, "closed")
      puts report_until(watcher, "closed/a").grep(/closed.a/)
      File.write("closed/c", "")
      puts report_until(watcher, "closed/c").grep(/closed.c/).first
      p errors.size, watcher.audit
    RUBY
      "1", "Errno::EACCES", %r{\APermission denied - inotify_add_watch \./closed: changes in it are not reported until},
      "created ./open/b", "created ./closed/a", "created ./closed/c", "1", "[]"
    ]
  end

  it "audits a root that may not be read from the start as not watched" do
    expect(unprivileged_ruby(<<~RUBY)).to eq %(["not watched: closed"]\n[])
      Dir.mkdir("closed", 0)
      watcher = Inotify::Watcher.new("closed", debounce: 0, on_error: ->(_) {})
      p watcher.audit
      File.chmod(0o700, "closed")
      File.write("closed/a", "")
      report_until(watcher, "closed/a")
      p watcher.audit
    RUBY
  end

  it "reports again of a directory that may not be read any more, only when it is looked at" do
    expect(unprivileged_ruby(<<~RUBY)).to eq "created ./sub/b\n0"
      Dir.mkdir("sub")
      errors = []
      watcher = Inotify::Watcher.new(".", debounce: 0, on_error: ->(error) { errors << error })
      File.chmod(0o300, "sub")
      File.write("sub/b", "")
      puts report_until(watcher, "sub/b").grep(/created/), errors.size
    RUBY
  end

  it "warns once of each kind without on_error" do
    expect(unprivileged_ruby(<<~RUBY).lines.grep(/Inotify::Watcher:/).size).to eq 1
      3.times { |number| Dir.mkdir(number.to_s, 0) }
      watcher = Inotify::Watcher.new(".")
      Dir.mkdir("3", 0)
      watcher.sync
      watcher.take(timeout: 0)
    RUBY
  end

  it "says in the warning what is the matter and what to do" do
    expect(unprivileged_ruby(<<~RUBY)).to match(%r{Inotify::Watcher: Permission denied - .* \./closed: .*the rest$})
      Dir.mkdir("closed", 0)
      Inotify::Watcher.new(".")
    RUBY
  end

  it "reports each directory to on_error, once for as long as it lasts" do
    expect(unprivileged_ruby(<<~RUBY).split).to match_array %w[./0 ./1 ./2]
      3.times { |number| Dir.mkdir(number.to_s, 0) }
      watcher = Inotify::Watcher.new(".", on_error: ->(error) { puts error.message.split[4].chop })
      3.times { File.write("a", "") && report(watcher) }
    RUBY
  end

  it "loses neither changes nor errors when on_error raises" do
    expect(unprivileged_ruby(<<~RUBY).lines(chomp: true)).to eq [
      reported = []
      fails = false
      watcher = Inotify::Watcher.new(".", debounce: 0, on_error: lambda { |error|
        reported << error.message.split[4].chop
        raise "said" if fails
      })
      fails = true
      Dir.mkdir("a", 0); Dir.mkdir("b", 0); File.write("c", "")
      2.times do
        # The second trouble may be there only when the first is taken.
        watcher.sync
        watcher.take(timeout: 0)
      rescue RuntimeError => e
        puts e.message
      end
      puts report(watcher).grep(/created/).sort, reported.sort.inspect
    RUBY
      "said", "said", "created ./a", "created ./b", "created ./c", '["./a", "./b"]'
    ]
  end

  it "lets on_error close, take and ask" do
    expect(unprivileged_ruby(<<~RUBY)).to eq "true\ncreated ./a\ntrue"
      watcher = nil
      found = []
      watcher = Inotify::Watcher.new(".", debounce: 0, on_error: lambda { |_|
        puts watcher.sync, watcher.take(timeout: 0).map { |it| "\#{it.type} \#{it.path}" }.first
        watcher.close
      })
      Dir.mkdir("a", 0)
      watcher.each {}
      puts watcher.closed?
    RUBY
  end

  it "wakes a waiting thread to report, though nothing changed" do
    expect(unprivileged_ruby(<<~RUBY)).to eq "reported"
      Dir.mkdir("a", 0o700)
      Dir.mkdir("a/b", 0)
      watcher = Inotify::Watcher.new("a/b/c", debounce: 0, on_error: ->(_) { puts "reported" })
      watcher.close
    RUBY
  end
end
