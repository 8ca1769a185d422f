# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with Regexps and callables" do
  it "tells of files alone that a Regexp in only: matches" do
    make("a.rb", "lib/b.rb", "c.txt")
    expect(known(watcher(only: /\.rb\z/))).to eq %w[a.rb lib/b.rb]
  end

  it "joins patterns, Regexps and callables in only:" do
    make("a.rb", "b.txt", "c.md", "d.js")
    only = ["*.rb", /\.txt\z/, ->(path) { path.end_with?(".md") }]
    expect(known(watcher(only: only))).to eq %w[a.rb b.txt c.md]
  end

  it "joins patterns, Regexps and callables in ignore:" do
    make("a.rb", "b.txt", "c.md", "d/x", "e/x")
    ignore = ["*.rb", /\.txt\z/, ->(path) { File.basename(path) == "d" }]
    expect(known(watcher(ignore: ignore))).to eq %w[c.md e e/x]
  end

  it "takes patterns beside a Regexp as relative to the watched path, however that is written" do
    make("lib/a.rb", "lib/x/a.rb", "b")
    known = [dir, "#{dir}/", "#{dir}/lib/.."].map { |root| watcher(root, only: ["lib/*.rb", %r{/b\z}]).paths.size }
    expect(known).to eq [2, 2, 2]
  end

  it "gives callables the path as it is told" do
    make("lib/a.rb")
    asked = []
    watcher(ignore: lambda { |path|
      asked << path
      false
    }).paths
    expect(asked.uniq).to include(path("lib"), path("lib/a.rb"))
  end

  it "takes method objects and whatever has call" do
    make("a.rb", "b")
    judge = Class.new { def call(path) = path.end_with?(".rb") }.new
    expect([known(watcher(ignore: judge)), known(watcher(ignore: judge.method(:call)))]).to eq [%w[b], %w[b]]
  end

  it "tells changes of what counts alone" do
    watcher = watcher(only: /\.rb\z/, ignore: /_spec/)
    make("a.rb", "a_spec.rb", "d/b.rb", "d/b.txt", "x_spec/c.rb")
    expect(told(watcher)).to eq [[:created, "a.rb"], [:created, "d/b.rb"]]
  end

  it "asks about each directory that is new before it is entered" do
    watcher = watcher(ignore: ->(path) { path.end_with?("skip") })
    make("d/skip/x", "d/e/y")
    expect(told(watcher)).to eq [[:created, "d"], [:created, "d/e"], [:created, "d/e/y"]]
  end

  it "scrubs names that are not UTF-8 before a Regexp sees them" do
    make("caf\xE9.rb".b)
    expect(known(watcher(only: /caf.\.rb\z/)).size).to eq 1
  end

  describe "when a callable raises" do
    let(:refusal) { Class.new(StandardError) }

    it "raises from the constructor, and leaves nothing open" do
      make("d/")
      expect { watcher(ignore: ->(_path) { raise refusal }) }.to raise_error(refusal)
      expect(inotify_fds).to be_empty
    end

    it "raises where changes are taken, and tells the changes at the next call" do
      failing = false
      watcher = watcher(ignore: ->(_path) { failing ? raise(refusal) : false })
      failing = true
      make("a")
      expect { watcher.take(timeout: Waiting::LIMIT) }.to raise_error(refusal)
      failing = false
      expect(told(watcher)).to eq [[:created, "a"]]
    end

    it "is asked about the same directories again" do
      failing = false
      watcher = watcher(ignore: ->(_path) { failing ? raise(refusal) : false })
      failing = true
      make("d/e/f")
      expect { watcher.take(timeout: Waiting::LIMIT) }.to raise_error(refusal)
      failing = false
      expect(told(watcher)).to eq [[:created, "d"], [:created, "d/e"], [:created, "d/e/f"]]
    end
  end
end
