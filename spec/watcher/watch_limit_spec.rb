# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "when the limit of watches is reached", user_namespace: true do
  # Watches of / and /tmp, which are above the root, and of the root.
  let(:above) { Dir.tmpdir.count("/") + 1 }

  it "covers what it can, and names what it can't" do
    expect(limited(above + 3, <<~RUBY)).to eq ["true", "Inotify::WatchLimitReached", "true", "true"]
      6.times { |number| make("d\#{number}/") }
      tree = watch(poll: nil)
      reported = errors.map { |error| error.message[%r{\#{dir}/d\\d}] }
      p reported.size.between?(3, 4) && reported.uniq == reported
      puts errors.map(&:class).uniq
      covered = Array.new(6) { |number| path("d\#{number}") } - reported
      p covered.all? { |it| watched?(it) }
      Array.new(6) { |number| make("d\#{number}/new") }
      p all_changes(tree).map(&:path).sort == covered.map { |it| "\#{it}/new" }
    RUBY
  end

  it "says which sysctl it is, its value, how to raise it and how many watches are needed" do
    message, = limited(above + 1, <<~RUBY)
      make("a/b/c/", "a/d/")
      watch(poll: nil)
      puts errors.map(&:message)
    RUBY
    expect(message).to match(/user\.max_inotify_watches is #{above + 1}\b.*sysctl user\.max_inotify_watches=\d+/)
      .and(match(/needs 4 more/)).and(match(/not reported until it can be watched/))
  end

  it "counts what a relative path needs where that was when it began" do
    message, = limited(above + 2, <<~RUBY)
      make("root/", "a/b/c/", "a/d/")
      tree = Dir.chdir(dir) { new_watcher("root", on_error: ->(error) { errors << error }) }
      rename("a", "root/a")
      all_changes(tree)
      puts errors.map(&:message)
    RUBY
    expect(message).to match(%r{ root/a.*needs 4 more})
  end

  it "reports each directory once, for as long as it lasts" do
    expect(limited(above + 1, <<~RUBY)).to eq ["1"]
      make("a/")
      tree = watch
      5.times { |number| make("f\#{number}").then { all_changes(tree) } }
      puts errors.size
    RUBY
  end

  it "takes up what isn't covered when the limit is raised, and reports what happened meanwhile" do
    expect(limited(above + 1, <<~RUBY)).to eq ["[[:created, \"a/b\"], [:created, \"a/b/c\"]]", "[]"]
      make("a/")
      tree = watch(poll: nil)
      make("a/b/c")
      all_changes(tree)
      limit(1000)
      p short(tree.take(timeout: LIMIT)).sort, tree.audit
    RUBY
  end

  it "takes up what isn't covered when a watched directory is removed" do
    expect(limited(above + 2, <<~RUBY)).to eq %w[true]
      make("a/", "b/")
      tree = watch
      uncovered = errors.first.message[%r{\#{dir}/[ab]}]
      Dir.rmdir(([path("a"), path("b")] - [uncovered]).first)
      all_changes(tree)
      make("\#{below(uncovered)}/new")
      p all_changes(tree).map(&:path).include?("\#{uncovered}/new")
    RUBY
  end

  it "warns once on the standard error without on_error" do
    lines = limited(above + 1, <<~RUBY)
      6.times { |number| make("d\#{number}/") }
      watch(on_error: nil)
    RUBY
    expect(lines.join).to match(/\AInotify::Watcher: .*max_inotify_watches.*pass on_error: to see the rest\z/)
  end

  it "says of the root itself that it is not covered" do
    expect(limited(0, "watch; puts errors.map(&:class), errors.first.message.include?(dir)"))
      .to eq %w[Inotify::WatchLimitReached true]
  end

  it "needs none for what is ignored" do
    expect(limited(above + 1, <<~RUBY)).to eq ["[]", "[]"]
      make("node_modules/a/b/", "f")
      p watch(ignore: "node_modules/").audit, errors
    RUBY
  end
end
