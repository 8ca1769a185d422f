# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and symbolic links to directories" do
  def link(target, name) = File.symlink(target, path(name))

  # With the tree `tree` and what lies outside of it.
  def following(*names)
    make("tree/", *names)
    watch(path("tree"), follow_symlinks: true)
  end

  it "takes them for files unless they are to be followed" do
    make("tree/", "outside/a")
    link("../outside", "tree/link")
    watcher = watch(path("tree"))
    make("outside/b")
    expect([known(watcher), all_reported(watcher)]).to eq([%w[tree tree/link], []])
  end

  it "reports what happens behind a link under its path" do
    make("tree/", "outside/a")
    link("../outside", "tree/link")
    watcher = following
    make("outside/sub/b")
    expect(all_reported(watcher)).to eq([[:created, "tree/link/sub"], [:created, "tree/link/sub/b"]])
  end

  it "follows a link to a directory in which a file is a root" do
    make("tree/", "outside/root")
    link("../outside", "tree/link")
    watcher = watch(path("outside/root"), path("tree"), follow_symlinks: true)
    make("outside/a")
    expect(all_reported(watcher)).to eq([[:created, "tree/link/a"]])
  end

  it "follows a link that is made later" do
    watcher = following("outside/a")
    link("../outside", "tree/link")
    expect(all_reported(watcher)).to eq([[:created, "tree/link"], [:created, "tree/link/a"]])
  end

  it "follows links into each other once" do
    make("tree/a/", "tree/b/")
    link("../b", "tree/a/to_b")
    link("../a", "tree/b/to_a")
    watcher = following
    make("tree/a/file")
    expect([all_reported(watcher), known(watcher)])
      .to eq([[[:created, "tree/a/file"]], %w[tree tree/a tree/a/file tree/a/to_b tree/b tree/b/to_a]])
  end

  it "follows a second link to a directory when the first is gone" do
    make("tree/", "outside/file")
    link("../outside", "tree/one")
    link("../outside", "tree/two")
    watcher = following
    entered, other = known(watcher).include?("tree/one/file") ? %w[one two] : %w[two one]
    File.unlink(path("tree/#{entered}"))
    all_changes(watcher)
    expect(known(watcher)).to eq(["tree", "tree/#{other}", "tree/#{other}/file"])
  end

  it "reports what is behind a link as removed when the link is" do
    make("tree/", "outside/a")
    link("../outside", "tree/link")
    watcher = following
    File.unlink(path("tree/link"))
    expect(all_reported(watcher)).to eq([[:deleted, "tree/link"], [:deleted, "tree/link/a"]])
  end

  it "follows a link that replaces one" do
    make("tree/", "one/a", "two/b")
    link("../one", "tree/link")
    watcher = following
    link("../two", "new")
    rename("new", "tree/link")
    all_changes(watcher)
    make("two/c")
    expect([all_reported(watcher), known(watcher)])
      .to eq([[[:created, "tree/link/c"]], %w[tree tree/link tree/link/b tree/link/c]])
  end

  describe "that lead to a directory which is entered elsewhere" do
    # The known paths when the link has led from one directory to another, and the other was filled.
    def known_after(watcher)
      all_changes(watcher)
      make("outside/b")
      all_changes(watcher)
      expect(watcher.audit).to be_empty
      known(watcher)
    end

    before do
      make("tree/inside/", "outside/a")
      link("inside", "tree/link")
    end

    it "takes them for files" do
      expect(known(following)).to eq(%w[tree tree/inside tree/link])
    end

    it "follows what replaces them by a rename" do
      watcher = following
      link("../outside", "new")
      rename("new", "tree/link")
      expect(known_after(watcher)).to eq(%w[tree tree/inside tree/link tree/link/a tree/link/b])
    end

    it "follows what replaces them when they are removed" do
      watcher = following
      File.unlink(path("tree/link"))
      all_changes(watcher)
      link("../outside", "tree/link")
      expect(known_after(watcher)).to eq(%w[tree tree/inside tree/link tree/link/a tree/link/b])
    end

    it "follows what takes their place when they are renamed" do
      watcher = following
      rename("tree/link", "tree/other")
      link("../outside", "tree/link")
      expect(known_after(watcher)).to eq(%w[tree tree/inside tree/link tree/link/a tree/link/b tree/other])
    end

    it "reports their renames, and follows them from there when the other link is gone" do
      make("tree/", "outside/a")
      link("../outside", "tree/one")
      link("../outside", "tree/two")
      watcher = following
      entered, other = known(watcher).include?("tree/one/a") ? %w[one two] : %w[two one]
      rename("tree/#{other}", "tree/moved")
      renamed = all_reported(watcher)
      File.unlink(path("tree/#{entered}"))
      all_changes(watcher)
      expect([renamed, known(watcher) - %w[tree tree/inside tree/link]])
        .to eq([[[:renamed, "tree/#{other}", "tree/moved"]], %w[tree/moved tree/moved/a]])
    end
  end
end
