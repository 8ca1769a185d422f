# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and the path to the target of a symbolic link" do
  def link(target, name) = File.symlink(target, path(name))

  # As deployments do: in one step.
  def relink(target, name)
    link(target, "new-link")
    rename("new-link", name)
  end

  def write(name, content = "changed") = File.write(path(name), content)

  # Of the tree `tree`, beside which there are other directories.
  def following(**options)
    make("tree/")
    watch(path("tree"), follow_symlinks: true, **options)
  end

  # The paths that it knows, if all is well.
  def sound(watcher)
    all_changes(watcher)
    expect([watcher.audit, errors]).to eq [[], []]
    known(watcher) - ["tree"]
  end

  describe "to a directory" do
    it "follows the link of a deployment to the next release" do
      make("tree/", "releases/1/a", "releases/2/b")
      link("releases/1", "current")
      link("../current", "tree/app")
      watcher = following
      relink("releases/2", "current")
      all_changes(watcher)
      make("releases/2/c", "releases/1/d")
      expect([all_reported(watcher), sound(watcher)])
        .to eq [[[:created, "tree/app/c"]], %w[tree/app tree/app/b tree/app/c]]
    end

    it "follows a replaced directory of the path to its target" do
      make("tree/", "above/to/a")
      link("../above/to", "tree/link")
      watcher = following
      rename("above", "old")
      make("above/to/b")
      all_changes(watcher)
      make("above/to/c", "old/to/d")
      expect([all_reported(watcher), sound(watcher)])
        .to eq [[[:created, "tree/link/c"]], %w[tree/link tree/link/b tree/link/c]]
    end

    it "reports that nothing is there when a directory of that path is renamed, and finds it when it is back" do
      make("tree/", "above/to/a")
      link("../above/to", "tree/link")
      watcher = following
      rename("above", "old")
      away = sound(watcher)
      rename("old", "above")
      all_changes(watcher)
      make("above/to/b")
      expect([away, all_reported(watcher), sound(watcher)])
        .to eq [["tree/link"], [[:created, "tree/link/b"]], %w[tree/link tree/link/a tree/link/b]]
    end

    it "enters a target that appears later" do
      make("tree/")
      link("../far/away", "tree/link")
      watcher = following
      make("far/away/a")
      all_changes(watcher)
      make("far/away/b/c")
      expect([all_reported(watcher), sound(watcher)].map(&:size)).to eq [2, 4]
    end

    it "enters a target that is removed and made again" do
      make("tree/", "target/a")
      link("../target", "tree/link")
      watcher = following
      3.times do |number|
        FileUtils.rm_r(path("target"))
        all_changes(watcher) if number.odd?
        make("target/#{number}")
      end
      all_changes(watcher)
      make("target/b")
      expect([all_reported(watcher), sound(watcher)])
        .to eq [[[:created, "tree/link/b"]], %w[tree/link tree/link/2 tree/link/b]]
    end

    it "follows a target that turns from a file to a directory and back" do
      make("tree/", "target")
      link("../target", "tree/link")
      watcher = following
      File.unlink(path("target"))
      make("target/a")
      directory = sound(watcher)
      FileUtils.rm_r(path("target"))
      make("target")
      expect([directory, sound(watcher)]).to eq [%w[tree/link tree/link/a], %w[tree/link]]
    end

    it "follows a relative link whose directory is moved" do
      make("tree/deep/", "tree/deep/target/a", "tree/target/b", "out/b")
      link("../../out", "tree/deep/link")
      watcher = following
      rename("tree/deep", "tree/target/deep")
      expect(sound(watcher)).to include("tree/target/deep/link").and(satisfy { |all| all.grep(%r{link/}).empty? })
    end

    it "watches no more than it needs when the link is gone" do
      make("tree/")
      watcher = following
      before = watches(watcher)
      make("above/to/a")
      link("../above/to", "tree/link")
      all_changes(watcher)
      File.unlink(path("tree/link"))
      all_changes(watcher)
      expect([watches(watcher), watcher.audit]).to eq [before, []]
    end
  end

  describe "to a file" do
    it "reports a write to the file, and its replacement, as a modification of the link" do
      make("tree/", "shared/database.yml")
      link("../shared/database.yml", "tree/database.yml")
      watcher = following
      write("shared/database.yml")
      written = all_reported(watcher)
      make("shared/database.new")
      rename("shared/database.new", "shared/database.yml")
      expect([written, all_reported(watcher), sound(watcher)])
        .to eq [[[:modified, "tree/database.yml"]], [[:modified, "tree/database.yml"]], ["tree/database.yml"]]
    end

    it "reports the files of a ConfigMap as modified when its data is swapped" do
      make("tree/..1/app.yml", "tree/..1/db.yml")
      link("..1", "tree/..data")
      %w[app.yml db.yml].each { |name| link("..data/#{name}", "tree/#{name}") }
      watcher = following
      make("tree/..2/app.yml", "tree/..2/db.yml")
      relink("..2", "tree/..data")
      FileUtils.rm_r(path("tree/..1"))
      swapped = all_reported(watcher)
      write("tree/..2/db.yml")
      expect([swapped, all_reported(watcher)])
        .to match [include([:modified, "tree/app.yml"], [:modified, "tree/db.yml"]),
                   eq([[:modified, "tree/..2/db.yml"], [:modified, "tree/db.yml"]])]
    end

    it "reports when the file is removed, made again, and moved away" do
      make("tree/", "shared/a")
      link("../shared/a", "tree/a")
      watcher = following
      steps = [-> { File.unlink(path("shared/a")) }, -> { make("shared/a") }, -> { rename("shared", "gone") }]
      expect(steps.map { |step| step.call && all_reported(watcher) }).to eq [[[:modified, "tree/a"]]] * 3
    end

    it "reports a write to a file that lies in the tree under both paths" do
      make("tree/bin/", "tree/lib/tool")
      link("../lib/tool", "tree/bin/tool")
      watcher = following
      write("tree/lib/tool")
      expect(all_reported(watcher)).to eq [[:modified, "tree/bin/tool"], [:modified, "tree/lib/tool"]]
    end

    it "asks the filter about the path of the link" do
      make("tree/", "shared/a.txt")
      link("../shared/a.txt", "tree/a.rb")
      link("../shared/a.txt", "tree/a.log")
      watcher = following(only: "*.rb")
      write("shared/a.txt")
      expect([all_reported(watcher), watcher.audit]).to eq [[[:modified, "tree/a.rb"]], []]
    end

    it "reports its attributes" do
      make("tree/", "shared/a")
      link("../shared/a", "tree/a")
      watcher = following
      File.chmod(0o600, path("shared/a"))
      expect(all_reported(watcher)).to eq [[:attributes, "tree/a"]]
    end

    it "follows thousands of them, and forgets them" do
      names = Array.new(3000) { |number| "tool#{number}" }
      make("tree/bin/", *names.map { |name| "tree/lib/#{name}" })
      names.each { |name| link("../lib/#{name}", "tree/bin/#{name}") }
      watcher = following
      names.last(10).each { |name| write("tree/lib/#{name}") }
      written = all_reported(watcher).size
      FileUtils.rm_r(path("tree/bin"))
      all_changes(watcher)
      expect([written, watcher.stats[:watches], watcher.audit]).to eq [20, 2, []]
    end
  end

  def watches(watcher)
    all_changes(watcher)
    kernel_watches.size
  end
end
