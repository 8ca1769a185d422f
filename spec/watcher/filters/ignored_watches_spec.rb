# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "over ignored directories" do
  # Those of these directories that are watched.
  def watched(*names) = names.select { |name| watched?(path(name)) }

  before { make("node_modules/a/b/c.js", "app/node_modules/d/e.js", "app/f.js") }

  { "patterns" => "node_modules/", "a Regexp" => %r{(?:\A|/)node_modules\z},
    "a callable" => ->(path) { File.basename(path) == "node_modules" } }.each do |kind, ignore|
    describe "by #{kind}" do
      it "has no watch there" do
        watcher = watch(ignore: ignore)
        expect(watched("app", "node_modules", "node_modules/a", "node_modules/a/b", "app/node_modules")).to eq %w[app]
        expect(watcher.stats).to include(directories: 2, watches: 2)
      end

      it "gets none when they are made or moved in" do
        watcher = watch(ignore: ignore)
        make("lib/node_modules/x/y.js")
        Dir.mktmpdir do |elsewhere|
          FileUtils.mkdir_p("#{elsewhere}/node_modules/z")
          FileUtils.mv("#{elsewhere}/node_modules", path("lib/z"))
          rename("lib/z", "lib/node_modules/z")
        end
        all_reported(watcher)
        expect(watched("lib", "lib/node_modules", "lib/node_modules/x", "lib/node_modules/z")).to eq %w[lib]
      end

      it "loses the watches of what becomes ignored by a rename, with all below it" do
        make("deps/x/y/z")
        watcher = watch(ignore: ignore)
        expect(watched("deps", "deps/x", "deps/x/y").size).to eq 3
        make("other/")
        rename("deps", "other/node_modules")
        all_reported(watcher)
        expect(watched("other/node_modules", "other/node_modules/x", "other/node_modules/x/y")).to be_empty
      end

      it "reads no event of what happens there" do
        make("tree/node_modules/a/")
        watcher = watch(path("tree"), ignore: ignore)
        100.times { |number| make("tree/node_modules/a/#{number}.js") }
        watcher.sync
        expect(watcher.stats[:events]).to eq 0
      end
    end
  end

  it "has no watch on what git ignores, nor on what is in .git beside the rules" do
    make(".git/HEAD", ".git/objects/aa/", ".git/refs/heads/main", ".git/info/exclude", "log/x/y")
    File.write(path(".gitignore"), "node_modules\n/log/\n")
    watcher = watch(gitignore: true)
    expect(watched("app", "log", "log/x", "node_modules", "app/node_modules")).to eq %w[app]
    expect(watched(*%w[.git .git/info .git/refs .git/refs/heads .git/objects .git/objects/aa])).to eq %w[.git .git/info]
    expect([watcher.stats[:watches], watcher.audit]).to eq [2, []]
  end
end
