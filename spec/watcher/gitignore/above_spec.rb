# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "below .gitignore files" do
  before do
    make("repo/.git/HEAD", "repo/.git/objects/", "repo/.git/refs/")
    make("repo/app/tmp/x", "repo/app/a.log", "repo/app/lib/b.log", "repo/app/c.rb")
  end

  def rules(text, directory) = File.write(path("#{directory}/.gitignore"), text)

  it "takes those of the same work tree" do
    rules("*.log\n/app/tmp\n", "repo")
    expect(known(watch(path("repo/app"), gitignore: true))).to eq %w[repo/app repo/app/c.rb repo/app/lib]
  end

  it "lets those in the tree win" do
    rules("*.log\n", "repo")
    rules("!b.log\n", "repo/app/lib")
    expect(known(watch(path("repo/app"), gitignore: true))).to include("repo/app/lib/b.log")
  end

  it "takes none above the work tree" do
    rules("*", ".")
    expect(known(watch(path("repo/app"), gitignore: true))).to include("repo/app/a.log")
  end

  it "takes none where there is no work tree" do
    FileUtils.rm_r(path("repo/.git"))
    rules("*.log\n", "repo")
    expect(known(watch(path("repo/app"), gitignore: true))).to include("repo/app/a.log")
  end

  it "includes a root in a directory that is a root" do
    rules("tmp/\n", "repo")
    watcher = watch(path("repo"), path("repo/app/tmp/x"), gitignore: true)
    expect(known(watcher)).to include("repo/app/tmp/x").and include("repo/app/c.rb")
    File.write(path("repo/app/tmp/x"), "more")
    expect(all_reported(watcher)).to eq [[:modified, "repo/app/tmp/x"]]
  end

  it "includes a root among git's own files" do
    watcher = watch(path("repo"), path("repo/.git/HEAD"), gitignore: true)
    File.write(path("repo/.git/HEAD"), "more")
    expect(all_reported(watcher)).to eq [[:modified, "repo/.git/HEAD"]]
  end

  it "reports what is given once when it is ignored no more" do
    rules("tmp/\n", "repo")
    watcher = watch(path("repo"), path("repo/app/tmp"), gitignore: true)
    rules("", "repo")
    expect(all_reported(watcher)).to eq [[:modified, "repo/.gitignore"]]
    make("repo/app/tmp/y")
    expect(all_reported(watcher)).to eq [[:created, "repo/app/tmp/y"]]
  end

  it "still reports a root that a later .gitignore ignores" do
    watcher = watch(path("repo"), path("repo/app"), path("repo/app/lib/b.log"), path("repo/later"), gitignore: true)
    rules("app\nlater\n*.log\n", "repo")
    all_reported(watcher)
    make("repo/app/new", "repo/later/a")
    File.write(path("repo/app/lib/b.log"), "more")
    expect(all_reported(watcher)).to contain_exactly([:created, "repo/app/new"], [:created, "repo/later"],
                                                     [:created, "repo/later/a"], [:modified, "repo/app/lib/b.log"])
    expect([watcher.audit, errors]).to eq [[], []]
  end

  it "reports what is given once while nothing ignores it" do
    watcher = watch(path("repo"), path("repo/app"), gitignore: true)
    make("repo/x", "repo/app/y")
    rename("repo/app/y", "repo/z")
    expect(all_reported(watcher)).to eq [[:created, "repo/x"], [:created, "repo/z"]]
    rename("repo/app", "repo/elsewhere")
    rename("repo/elsewhere", "repo/app")
    make("repo/app/w")
    expect(all_reported(watcher).grep_v([:modified, String])).to include([:created, "repo/app/w"])
    expect(watcher.audit).to eq []
  end

  it "takes a .git that is a file, as a worktree has it, for the top" do
    make("repo/.git/modules/app/HEAD", "repo/.git/modules/app/objects/", "repo/.git/modules/app/refs/")
    File.write(path("repo/app/.git"), "gitdir: ../.git/modules/app\n")
    rules("*.log\n", "repo")
    expect(known(watch(path("repo/app/lib"), gitignore: true))).to include("repo/app/lib/b.log")
  end

  it "is relative to where each is" do
    rules("/a.log\n/lib/b.log\n", "repo/app")
    expect(known(watch(path("repo/app/lib"), gitignore: true))).to eq %w[repo/app/lib]
  end
end
