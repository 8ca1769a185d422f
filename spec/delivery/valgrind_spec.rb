# frozen_string_literal: true

# As ruby_memcheck runs the tests of gems. Values that were never written are no errors here: Ruby's collector reads
# whole stacks, and optimized code tests such a value where the result does not matter.
RSpec.describe Inotify, "under valgrind" do
  let(:script) { <<~RUBY }
    require "inotify_rs/rails"
    require "inotify_rs/rb_inotify"
    fd = Inotify.init
    Inotify.add_watch(fd, "t", :create)
    instance = Inotify::Instance.new
    instance.add_watch("t", :create)
    checker = Inotify::FileUpdateChecker.new([], { "t" => ["rb"] }) {}
    notifier = INotify::Notifier.new
    notifier.watch("t", :recursive, :create) { |event| puts event.name }
    options = { only: "*.rb", ignore: ->(path) { path.end_with?("x") }, closed: true }
    watcher = Inotify::Watcher.new("t", **options)
    Dir.mkdir("t/sub")
    File.write("t/sub/a.rb", "")
    Inotify.watch(fd) { |event, name| puts name }
    puts instance.read.map(&:name), checker.updated?
    notifier.process
    watcher.sync
    puts watcher.take.map(&:path), watcher.audit
    watcher.checkpoint("state")
    [watcher, instance, notifier].each(&:close)
    Inotify.close(fd)
    GC.start
    puts Inotify::Watcher.new("t", since: "state", **options).paths, Inotify::Watcher.new("t", poll: :always).paths
  RUBY

  it "works, and uses only memory of its own" do
    skip "needs valgrind" unless system("valgrind", "--version", out: File::NULL, err: File::NULL)
    Dir.mkdir(path("t"))
    # The innermost frames say whose memory it is, and valgrind's own suppressions need more of them.
    memcheck = %w[valgrind --undef-value-errors=no --num-callers=2 --default-suppressions=no]
    result = Program.run(*memcheck, *Program.ruby("-I", Children::LIB, "-e", script), chdir: dir)
    expect(result.status).to be_success, result.err
    expect(result.out.split).to eq(%w[sub sub true sub a.rb t/sub/a.rb t/sub/a.rb t t/sub t/sub/a.rb])
    expect(result.err.lines.grep(/inotify_rs\.so/)).to be_empty
  end
end
