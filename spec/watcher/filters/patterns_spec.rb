# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with patterns" do
  # The paths that a watcher with these options knows of these files.
  def known_of(*names, **options)
    make(*names)
    known(watch(**options))
  end

  describe "in only:" do
    it "reports only matching files, and no directory" do
      expect(known_of("a.rb", "a.txt", "lib/b.rb", "empty/", only: "*.rb")).to eq %w[a.rb lib/b.rb]
    end

    it "takes several" do
      expect(known_of("a.rb", "b.erb", "c.txt", only: %w[*.rb *.erb])).to eq %w[a.rb b.erb]
    end

    it "takes the last one that matches, which may be negated" do
      expect(known_of("a.rb", "a_spec.rb", only: %w[*.rb !*_spec.rb])).to eq %w[a.rb]
    end

    it "anchors a pattern with a slash at the root" do
      expect(known_of("lib/a.rb", "x/lib/a.rb", "lib/x/a.rb", only: "lib/*.rb")).to eq %w[lib/a.rb]
    end

    it "takes ** for any directories" do
      expect(known_of("lib/a.rb", "lib/x/y/a.rb", "a.rb", only: "lib/**/*.rb")).to eq %w[lib/a.rb lib/x/y/a.rb]
    end

    it "takes braces and classes" do
      expect(known_of("a.rb", "b.rb", "c.rb", "a.js", only: "[ab].{rb,js}")).to eq %w[a.js a.rb b.rb]
    end

    it "watches directories in which nothing matches yet" do
      make("lib/deep/")
      watcher = watch(only: "*.rb")
      make("lib/deep/a.rb", "lib/deep/a.txt")
      expect(all_reported(watcher)).to eq [[:created, "lib/deep/a.rb"]]
    end

    it "reports a given file that matches nothing" do
      make("a.txt")
      watcher = watch(path("a.txt"), only: "*.rb")
      File.write(path("a.txt"), "more")
      expect(all_reported(watcher)).to eq [[:modified, "a.txt"]]
    end

    it "reports a given file that matches nothing in a given directory" do
      make("a.txt", "a.rb")
      watcher = watch(dir, path("a.txt"), only: "*.rb")
      expect(known(watcher)).to eq %w[a.rb a.txt]
      File.write(path("a.txt"), "more")
      expect(all_reported(watcher)).to eq [[:modified, "a.txt"]]
      File.rename(path("a.rb"), path("b.rb"))
      expect(all_reported(watcher)).to eq [[:renamed, "a.rb", "b.rb"]]
    end

    it "is relative to each root" do
      make("one/lib/a.rb", "two/lib/a.rb")
      expect(known(watch(path("one"), path("two"), only: "lib/*.rb"))).to eq %w[one/lib/a.rb two/lib/a.rb]
    end

    it "includes what is in a directory that matches" do
      expect(known_of("lib/a", "lib/x/b", "x/lib/c", "d", only: "lib/")).to eq %w[lib/a lib/x/b x/lib/c]
      watcher = watch(only: "/new/")
      make("new/x/a")
      expect(all_reported(watcher)).to eq [[:created, "new/x/a"]]
    end

    it "lets the nearest pattern decide for what is in a directory that matches" do
      expect(known_of("lib/a.rb", "lib/x/a_spec.rb", only: %w[lib/ !*_spec.rb])).to eq %w[lib/a.rb]
    end

    it "includes what is in a directory that matches beside a Regexp" do
      expect(known_of("lib/x/a", "b", "c", only: ["lib/", /b/])).to eq %w[b lib/x/a]
    end

    it "takes ./ and absolute paths below the root as relative to the root" do
      make("tmp/a", "x/tmp/b")
      ["./tmp", ".//tmp/", path("tmp"), "#{path("tmp")}/*"].each do |pattern|
        expect([pattern, known(watch(only: pattern))]).to eq [pattern, %w[tmp/a]]
        expect([pattern, known(watch(ignore: ["a", pattern])) - %w[tmp]]).to eq [pattern, %w[x x/tmp x/tmp/b]]
      end
      expect(known(watch(only: ["b", "!./x/tmp/b"]))).to eq []
    end

    it "takes bytes that are not UTF-8" do
      make("caf\xE9.rb".b, "cafe.rb")
      expect(known(watch(only: "caf\xE9.rb")).map(&:b)).to eq ["caf\xE9.rb".b]
    end

    it "matches names that are not UTF-8" do
      make("caf\xE9.rb".b, "caf\xE9.txt".b)
      expect(known(watch(only: "*.rb")).map(&:b)).to eq ["caf\xE9.rb".b]
    end
  end

  describe "in ignore:" do
    it "excludes matching entries, and all that is in them" do
      expect(known_of("a.rb", "tmp/x", "lib/tmp/x", ignore: "tmp/")).to eq %w[a.rb lib]
    end

    it "includes a root in a directory that is a root" do
      make("app/tmp/restart.txt", "app/tmp/x", "app/log/b.log", "app/log/x")
      watcher = watch(path("app"), path("app/tmp/restart.txt"), path("app/log"), ignore: %w[tmp/ log/ *.log])
      expect(known(watcher)).to eq %w[app app/log app/log/x app/tmp/restart.txt]
      make("app/tmp/y", "app/log/c.log", "app/log/y")
      File.write(path("app/tmp/restart.txt"), "more")
      expect(all_reported(watcher)).to contain_exactly([:created, "app/log/y"], [:modified, "app/tmp/restart.txt"])
    end

    it "includes a root that is made later, as a file or a directory" do
      watcher = watch(dir, path("tmp"), path("log"), ignore: %w[tmp/ log/])
      make("tmp/x", "log")
      expect(all_reported(watcher)).to contain_exactly([:created, "log"], [:created, "tmp"], [:created, "tmp/x"])
    end

    it "leaves files alone that are named as a directory to be ignored" do
      expect(known_of("tmp", ignore: "tmp/")).to eq %w[tmp]
    end

    it "excludes files" do
      expect(known_of("a.log", "a.rb", "log/b.log", ignore: "*.log")).to eq %w[a.rb log]
    end

    it "takes several, and negation" do
      expect(known_of("a.log", "keep.log", "b.tmp", ignore: %w[*.log *.tmp !keep.log])).to eq %w[keep.log]
    end

    it "wins over only:" do
      expect(known_of("a.rb", "tmp/b.rb", only: "*.rb", ignore: "tmp/")).to eq %w[a.rb]
    end

    it "reports nothing of what is ignored" do
      make("tmp/x", "a")
      watcher = watch(ignore: ["tmp/", "*.log"])
      make("tmp/y", "tmp/d/z", "b.log", "b")
      FileUtils.rm_rf(path("tmp"))
      expect(all_reported(watcher)).to eq [[:created, "b"]]
    end

    it "reports the root, whatever its name is" do
      make("tmp/x")
      watcher = watch(path("tmp"), ignore: "tmp/")
      make("tmp/y")
      expect(all_reported(watcher)).to eq [[:created, "tmp/y"]]
    end
  end

  it "does not ignore anything for an empty list" do
    expect(known_of("a", "d/b", ignore: [], only: [])).to eq %w[a d d/b]
  end
end
