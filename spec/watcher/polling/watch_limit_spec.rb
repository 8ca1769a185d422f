# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "polling directories beyond the limit of watches", user_namespace: true do
  # Watches of / and /tmp, which are above the root, and of the root.
  let(:above) { Dir.tmpdir.count("/") + 2 }

  it "loses nothing, and says that what it reports was found by a scan" do
    expect(limited(above, <<~RUBY)).to eq ["[[:created, \"a/b\", true], [:created, \"a/b/c\", true]]", "[]"]
      make("a/")
      tree = watch
      make("a/b/c")
      p all_changes(tree).map { |change| short([change]).flatten + [change.rescanned?] }, tree.audit
    RUBY
  end

  it "says once of each place that it is scanned, how often, and what would help" do
    expect(limited(above, <<~RUBY)).to match [/\A1 Inotify::WatchLimitReached .*needs 4 more; it is scanned every 0\.2/]
      make("a/b/c/", "a/d/")
      tree = watch(poll: 0.2)
      make("a/b/c/e/f")
      all_changes(tree)
      puts [errors.size, errors.first.class, errors.first.message].join(" ")
    RUBY
  end

  it "finds a change by sync, however long the interval" do
    expect(limited(above, <<~RUBY)).to eq ["true", "[[:created, \"a/f\"]]"]
      make("a/")
      tree = watch(poll: 1000)
      make("a/f")
      p tree.sync(timeout: LIMIT), short(tree.take(timeout: 0)).sort
    RUBY
  end

  it "counts what it polls" do
    expect(limited(above, <<~RUBY)).to eq ["2 3 true"]
      make("a/b/c", "a/d", "a/e")
      tree = watch
      tree.sync(timeout: LIMIT)
      puts tree.stats.values_at(:polled_directories, :polled_files).join(" ") + " \#{tree.stats[:poll_seconds].positive?}"
    RUBY
  end

  it "shows that a scan that takes long is repeated less often" do
    expect(limited(above, <<~RUBY)).to eq ["true"]
      200.times { |number| make("a/\#{number}") }
      tree = watch(poll: 0.001)
      tree.sync(timeout: LIMIT)
      p tree.stats.values_at(:poll_interval, :poll_seconds).then { |interval, took| (20 * took - interval).abs < 1e-9 }
    RUBY
  end

  it "knows all paths" do
    expect(limited(above, <<~RUBY)).to eq ["[\"a\", \"a/b\", \"a/b/c\"]"]
      make("a/b/c")
      p watch.paths.drop(1).map { |path| path.delete_prefix("\#{dir}/") }
    RUBY
  end

  it "watches as soon as the limit is raised" do
    expect(limited(above, <<~RUBY)).to eq ["[[:modified, \"a/b\", true]]", "0", "[[:modified, \"a/b\", false]]", "[]"]
      make("a/b")
      def flat(changes) = changes.map { |change| short([change]).flatten + [change.rescanned?] }
      tree = watch(poll: 0.1)
      # Whenever the next scan comes, this was before the watch.
      File.write(path("a/b"), "more")
      limit(1000)
      p flat(tree.take(timeout: LIMIT))
      tree.sync until tree.stats[:polled_directories].zero?
      tree.take(timeout: 0)
      p tree.stats[:polled_directories]
      File.write(path("a/b"), "even more")
      p flat(all_changes(tree)), tree.audit
    RUBY
  end

  it "goes on where the limit is lowered" do
    expect(limited(1000, <<~RUBY)).to eq ["[[:created, \"a/b\"], [:created, \"a/b/c\"]]", "[[:modified, \"a/b/c\"]]"]
      make("a/")
      tree = watch
      limit(0)
      make("a/b/c")
      p short(all_changes(tree)).sort
      File.write(path("a/b/c"), "more")
      p short(all_changes(tree)).sort
    RUBY
  end

  it "covers a root that cannot be watched itself" do
    expect(limited(0, <<~RUBY)).to eq ["[[:created, \"a\"], [:created, \"a/b\"]]"]
      tree = watch
      make("a/b")
      p short(all_changes(tree)).sort
    RUBY
  end

  it "does not poll where that is switched off" do
    expect(limited(above, <<~RUBY)).to eq ["[]", "0"]
      make("a/")
      tree = watch(poll: nil)
      make("a/b")
      p all_changes(tree), tree.stats[:polled_directories]
    RUBY
  end
end
