# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and renames" do
  it "reports a renamed directory with all its contents once" do
    make("a/b/c" => "1", "a/d" => "1")
    watcher = watch
    rename("a", "z")
    expect(reported(watcher)).to eq [[:renamed, "a", "z"]]
    File.write(path("z/b/c"), "22")
    expect(reported(watcher)).to eq [[:modified, "z/b/c"]]
  end

  it "reports a directory moved into another" do
    make("z/", "a/b/c" => "1")
    watcher = watch
    rename("a/b", "z/b")
    touch("z/b/d")
    expect(reported(watcher)).to eq [[:renamed, "a/b", "z/b"], [:created, "z/b/d"]]
  end

  it "reports a renamed file" do
    make("a" => "1")
    watcher = watch
    rename("a", "b")
    expect(changes(watcher).map(&:to_h)).to eq [
      { type: :renamed, path: path("b"), from: path("a"), directory: false, rescanned: false }
    ]
  end

  it "reports what was moved in as created, with all its contents" do
    make("in/", "out/a/b/c" => "1", "out/d" => "1")
    watcher = watch("in")
    rename("out/a", "in/a")
    rename("out/d", "in/d")
    expect(reported(watcher))
      .to eq [[:created, "in/a"], [:created, "in/a/b"], [:created, "in/a/b/c"], [:created, "in/d"]]
    touch("in/a/b/new")
    expect(reported(watcher)).to eq [[:created, "in/a/b/new"]]
  end

  it "reports what was moved out as deleted, with all its contents, and nothing of it from then on" do
    make("out/", "in/a/b/c" => "1", "in/d" => "1")
    watcher = watch("in")
    rename("in/a", "out/a")
    rename("in/d", "out/d")
    expect(reported(watcher))
      .to match_array [[:deleted, "in/a/b/c"], [:deleted, "in/a/b"], [:deleted, "in/a"], [:deleted, "in/d"]]
    touch("out/a/b/unseen")
    expect(reported(watcher)).to eq []
  end

  it "keeps no watch of what was moved out" do
    make("in/a/b/c/", "out/")
    watcher = watch("in")
    before = watcher.stats[:watches]
    rename("in/a", "out/a")
    reported(watcher)
    expect([before - watcher.stats[:watches], watcher.audit]).to eq [3, []]
  end

  it "reports a move out and back in as nothing" do
    make("out/", "in/a/b" => "1")
    watcher = watch("in", debounce: 3600)
    rename("in/a", "out/a")
    rename("out/a", "in/a")
    expect(known(synced(watcher))).to eq %w[in in/a in/a/b]
    touch("in/a/c")
    expect(reported(watcher)).to include [:created, "in/a/c"]
  end

  it "reports a rename over a file as the rename alone" do
    make("a" => "1", "b" => "2")
    watcher = watch
    rename("a", "b")
    expect([reported(watcher), known(synced(watcher))]).to eq [[[:renamed, "a", "b"]], ["b"]]
  end

  it "reports a rename over an empty directory" do
    make("b/", "a/x" => "1")
    watcher = watch
    rename("a", "b")
    expect([reported(watcher), known(synced(watcher))]).to eq [[[:deleted, "b"], [:renamed, "a", "b"]], %w[b b/x]]
  end

  it "reports two that swapped their names so that it can be applied" do
    make("a/x" => "1", "b/y" => "1")
    watcher = watch
    rename("a", "tmp")
    rename("b", "a")
    rename("tmp", "b")
    before = %w[a a/x b b/y].map { |name| path(name) }
    expect(applied(before, changes(watcher)).map { |it| below(it) }.sort).to eq %w[a a/y b b/x]
  end

  it "reports a directory that took its parent's place" do
    make("a/b/c" => "1")
    watcher = watch
    rename("a/b", "b")
    FileUtils.rm_rf(path("a"))
    rename("b", "a")
    expect(known(synced(watcher))).to eq %w[a a/c]
    expect(applied(%w[a a/b a/b/c].map { |name| path(name) }, changes(watcher)).map { |it| below(it) }.sort)
      .to eq %w[a a/c]
  end

  it "reports what happened before and after in a directory that was renamed" do
    make("a/")
    watcher = watch(debounce: 3600)
    touch("a/before")
    rename("a", "b")
    touch("b/after")
    expect(reported(watcher)).to match_array [[:renamed, "a", "b"], [:created, "b/before"], [:created, "b/after"]]
  end

  it "applies the changes of a batch in their order to the tree before" do
    make("lib/", "src/a" => "1", "src/b" => "1")
    watcher = watch(debounce: 3600)
    rename("src", "lib/src")
    rename("lib/src/a", "a")
    Dir.mkdir(path("src"))
    rename("a", "src/a")
    before = %w[src src/a src/b lib].map { |name| path(name) }
    expect(applied(before, changes(watcher)).map { |it| below(it) }.sort).to eq %w[lib lib/src lib/src/b src src/a]
  end

  it "gives the paths where everything is when the batch ends" do
    make("b/", "a/x" => "1")
    watcher = watch(debounce: 3600)
    rename("a", "b/c")
    rename("b", "d")
    expect(reported(watcher)).to eq [[:renamed, "b", "d"], [:renamed, "a", "d/c"]]
  end

  it "gives them of files, too, where only files are reported" do
    make("b/", "a/x" => "1", "a/sub/y" => "1")
    watcher = watch(debounce: 3600, only: "*")
    rename("a/sub", "sub")
    rename("a", "b/c")
    rename("b", "d")
    expect(reported(watcher)).to match_array [[:renamed, "a/x", "d/c/x"], [:renamed, "a/sub/y", "sub/y"]]
  end

  # Takes what there is, waiting with IO.select.
  def take_selected(watcher)
    found = []
    found.concat(watcher.take(timeout: 0)) while watcher.to_io.wait_readable(0.2)
    short(found)
  end

  it "reports no file in a renamed directory when its reader has come back for more" do
    Dir.mkdir(path("a"))
    watcher = watch
    3.times { |number| touch("a/#{number}") }
    expect(take_selected(watcher).size).to eq 3
    rename("a", "b")
    expect(take_selected(watcher)).to eq [[:renamed, "a", "b"]]
  end

  it "reports none when its reader has taken again, and found nothing" do
    Dir.mkdir(path("a"))
    watcher = watch
    touch("a/file")
    expect([short(synced(watcher).take(timeout: 0)), watcher.take(timeout: 0)]).to eq [[[:created, "a/file"]], []]
    watcher.sync
    rename("a", "b")
    expect(reported(watcher)).to eq [[:renamed, "a", "b"]]
  end
end
