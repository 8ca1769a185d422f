# frozen_string_literal: true

RSpec.describe "INotify::Notifier when the queue overflows", queue_limit: true do
  LENGTH = 8 # rubocop:disable RSpec/LeakyConstantDeclaration, Lint/ConstantDefinitionInBlock

  def small(*flags)
    with_queue_of(LENGTH) { notifier_of(*flags) }
  end

  def overflow
    touch("filler0", "filler1")
    (2 * LENGTH).times { |number| File.chmod(0o600, path("filler#{number % 2}")) }
  end

  it "reports to each watcher and goes on" do
    Dir.mkdir(path("sub"))
    notifier = small(:attrib)
    notifier.watch(path("sub"), :create) { |event| seen << event }
    overflow
    heard(notifier)
    lost = seen.select { |event| event.flags.include?(:q_overflow) }
    expect(lost.map { |event| [event.name, event.watcher.path, event.absolute_name] })
      .to eq([["", dir, dir], ["", path("sub"), path("sub")]])
    touch("sub/after")
    expect(heard(notifier)).to eq([%w[create sub/after]])
  end

  it "reports what was created and changed in a tree meanwhile, and watches new directories" do
    make("old/", "old/file")
    notifier = small(:recursive, :create, :modify, :attrib, :delete)
    overflow
    make("old/new_file", "new/deep/file")
    File.write(path("old/file"), "more")
    names = heard(notifier)
    expect(names).to include(%w[create old/new_file], %w[modify old/file], %w[create new], %w[create new/deep/file],
                             %w[attrib old], %w[attrib .])
    make("new/deep/later")
    expect(heard(notifier)).to include(%w[create new/deep/later])
  end

  it "reports a directory as created last, after an older event of its deletion" do
    make("a/old")
    notifier = small(:recursive, :create, :delete, :attrib)
    overflow
    # Room for three events behind the record of the overflow.
    IO.for_fd(notifier.fd, autoclose: false).sysread(4 * 32)
    FileUtils.rm_rf(path("a"))
    make("a/new")
    reported = heard(notifier)
    expect(reported).to include(%w[delete a])
    expect(reported.drop(reported.rindex(%w[delete a]))).to include(%w[create a], %w[create a/new])
  end

  it "reports a directory that was deleted and made again meanwhile as deleted first" do
    make("a/")
    notifier = small(:recursive, :create, :delete, :attrib)
    overflow
    FileUtils.rm_rf(path("a"))
    make("a/new")
    reported = heard(notifier).grep_v(%w[attrib .])
    expect(reported.rindex(%w[delete a])).to be < reported.rindex(%w[create a])
  end

  it "reports directories that were deleted meanwhile, and forgets them" do
    make("old/deep/")
    notifier = small(:recursive, :delete, :attrib)
    overflow
    FileUtils.rm_rf(path("old"))
    expect(heard(notifier)).to include(%w[delete old])
    expect(paths_of(notifier)).to eq([""])
  end

  # What a forked child that may list sub but not search it gets after an overflow, its warnings, and what the
  # block returns when it may.
  def reported_where_sub_may_not_be_searched(*names)
    File.chmod(0o777, dir)
    forked do
      notifier = small(:recursive, :create, :modify, :delete, :attrib)
      Process::UID.change_privilege(65_534)
      make(*names) && process_all(notifier)
      File.chmod(0o600, path("sub"))
      $stderr = StringIO.new
      overflow
      [heard(notifier), $stderr.string, File.chmod(0o700, path("sub")) && yield(notifier)]
    end
  end

  it "reports no denied directory as deleted, warns about it, and goes on watching it" do
    reported, warning, later = reported_where_sub_may_not_be_searched("sub/deep/deeper/") do |notifier|
      make("sub/deep/deeper/later")
      heard(notifier)
    end
    expect(reported.map(&:first)).not_to include("delete")
    expect(warning).to match(%r{/sub/deep".*Permission denied})
    expect(later).to include(%w[create sub/deep/deeper/later])
  end

  it "names the directory of which it can't know what changed in it" do
    reported, warning, = reported_where_sub_may_not_be_searched("sub/", "sub/file") { nil }
    expect(reported.flatten).not_to include("sub/file")
    expect(warning).to match(%r{/sub".*Permission denied})
  end

  it "reports what changed meanwhile on a file system whose times have whole seconds" do
    expect(ruby_with_coarse_times(<<~RUBY)).to eq ["[:modify]"]
      require "inotify_rs/rb_inotify"
      require "io/wait"
      %w[a filler0 filler1].each { |name| File.write(name, "") }
      notifier = QueueLimit.with_queue_of(#{LENGTH}) { INotify::Notifier.new }
      found = []
      notifier.watch(".", :recursive, :modify, :attrib) { |event| found.concat(event.flags) if event.name == "a" }
      early_in_a_second
      notifier.to_io.wait_readable(0) && notifier.process
      File.chmod(0o600, "filler0") && notifier.process
      #{2 * LENGTH}.times { |number| File.chmod(0o600, "filler\#{number % 2}") }
      File.write("a", "more")
      notifier.process while notifier.to_io.wait_readable(0)
      p found & [:modify]
    RUBY
  end

  it "raises QueueOverflowError with raise_on_overflow, after the events that came before, and goes on after it" do
    notifier = small(:recursive, :attrib)
    notifier.raise_on_overflow = true
    overflow
    expect { process_all(notifier) }.to raise_error(INotify::QueueOverflowError)
    before = seen.size
    File.chmod(0o644, path("filler0"))
    process_all(notifier)
    expect([before.positive?, seen.size > before]).to eq([true, true])
  end

  it "raises QueueOverflowError from read_events, when it has given what came before" do
    notifier = small(:attrib)
    notifier.raise_on_overflow = true
    overflow
    expect(notifier.read_events.size).to eq(LENGTH)
    expect { notifier.read_events }.to raise_error(INotify::QueueOverflowError)
    touch("after")
    File.chmod(0o600, path("after"))
    expect(notifier.read_events.map(&:name)).to include("after")
  end
end
