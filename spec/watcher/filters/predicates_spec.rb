# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with Regexps and callables" do
  it "reports only files that a Regexp in only: matches" do
    make("a.rb", "lib/b.rb", "c.txt")
    expect(known(watch(only: /\.rb\z/))).to eq %w[a.rb lib/b.rb]
  end

  it "joins patterns, Regexps and callables in only:" do
    make("a.rb", "b.txt", "c.md", "d.js")
    only = ["*.rb", /\.txt\z/, ->(path) { path.end_with?(".md") }]
    expect(known(watch(only: only))).to eq %w[a.rb b.txt c.md]
  end

  it "joins patterns, Regexps and callables in ignore:" do
    make("a.rb", "b.txt", "c.md", "d/x", "e/x")
    ignore = ["*.rb", /\.txt\z/, ->(path) { File.basename(path) == "d" }]
    expect(known(watch(ignore: ignore))).to eq %w[c.md e e/x]
  end

  it "takes patterns beside a Regexp as relative to the watched path, however that is written" do
    make("lib/a.rb", "lib/x/a.rb", "b")
    known = [dir, "#{dir}/", "#{dir}/lib/.."].map { |root| watch(root, only: ["lib/*.rb", /\Ab\z/]).paths.size }
    expect(known).to eq [2, 2, 2]
  end

  it "gives callables the path as it is reported" do
    make("lib/a.rb")
    asked = []
    watch(ignore: lambda { |path|
      asked << path
      false
    }).paths
    expect(asked.uniq).to include(path("lib"), path("lib/a.rb"))
  end

  it "takes method objects and whatever has call" do
    make("a.rb", "b")
    predicate = Class.new { def call(path) = path.end_with?(".rb") }.new
    expect([known(watch(ignore: predicate)), known(watch(ignore: predicate.method(:call)))]).to eq [%w[b], %w[b]]
  end

  it "reports changes only of what is included" do
    watcher = watch(only: /\.rb\z/, ignore: /_spec/)
    make("a.rb", "a_spec.rb", "d/b.rb", "d/b.txt", "x_spec/c.rb")
    expect(all_reported(watcher)).to eq [[:created, "a.rb"], [:created, "d/b.rb"]]
  end

  it "asks about each directory that is new before it is entered" do
    watcher = watch(ignore: ->(path) { path.end_with?("skip") })
    make("d/skip/x", "d/e/y")
    expect(all_reported(watcher)).to eq [[:created, "d"], [:created, "d/e"], [:created, "d/e/y"]]
  end

  it "matches Regexps against the path relative to the root" do
    make("tmp/a", "b")
    expect(known(watch(path("tmp"), ignore: %r{tmp/}))).to eq %w[tmp tmp/a]
    expect(known(watch(only: %r{\A(?:tmp/a|b)\z}))).to eq %w[b tmp/a]
  end

  it "asks nobody about what is given" do
    make("d/a", "d/e/f", "d/e/g")
    watcher = watch(path("d"), path("d/e"), path("d/e/f"), ignore: [/./, ->(_path) { true }])
    expect(known(watcher)).to eq %w[d d/e d/e/f]
    File.write(path("d/e/f"), "more")
    expect(all_reported(watcher)).to eq [[:modified, "d/e/f"]]
  end

  it "matches names that are not UTF-8" do
    make("caf\xE9.rb".b)
    [/caf.\.rb\z/, /rb/, /\Acaf[^é]\.rb/, /caf\xE9\.rb/n].each do |only|
      expect(known(watch(only: only)).size).to eq 1
    end
    expect(known(watch(only: /é/))).to be_empty
  end

  it "gives callables the bytes of the name, and a Regexp can match them" do
    make("caf\xE9.txt".b, "d\xE9/x".b, "caf\u00E9.txt")
    asked = []
    watch(ignore: lambda { |path|
      asked << path
      path.match?(/z{3}/)
    }).paths
    expect(asked.reject { |path| File.exist?(path) }).to be_empty
    expect(asked).to include("#{dir}/caf\xE9.txt".b, path("caf\u00E9.txt"))
  end

  it "matches names in UTF-8 where the locale knows ASCII alone" do
    make("caf\u00E9.txt")
    script = <<~RUBY
      seen = []
      filter = ->(path) { seen << [path.bytes, path.match?(/./)]; false }
      paths = Inotify::Watcher.new("#{dir}", only: /\\u00E9/, ignore: filter).paths
      puts paths.size, seen.all? { |bytes, match| match && File.exist?(bytes.pack("C*")) }
    RUBY
    expect(ruby_in_c_locale(script)).to eq "1\ntrue\n"
  end

  def ruby_in_c_locale(script)
    IO.popen({ "LC_ALL" => "C" }, [RbConfig.ruby, "-I", File.expand_path("../../../lib", __dir__), "-rinotify_rs",
                                   "-e", script], err: %i[child out], &:read)
  end

  describe "when one raises" do
    let(:refusal) { Class.new(StandardError) }

    it "includes the path, reports it to on_error, and goes on" do
      make("d/x")
      watcher = watch(ignore: ->(path) { path.end_with?("d") ? raise(refusal, "no") : path.end_with?("skip") })
      expect([known(watcher), errors.map(&:path).uniq]).to eq [%w[d d/x], [path("d")]]
      expect(errors).to all be_a(Inotify::FilterError)
      expect(errors).to all have_attributes(cause: refusal, message: /#{path("d")}.*no/)
    end

    it "reports changes of what can't be decided" do
      watcher = watch(only: ->(path) { path.end_with?("bad") ? raise(refusal) : path.end_with?(".rb") })
      make("bad", "a.rb", "b")
      expect(all_reported(watcher)).to eq [[:created, "a.rb"], [:created, "bad"]]
      expect(errors.map(&:path)).to eq [path("bad")]
    end

    it "warns once without on_error" do
      watcher = Inotify::Watcher.new(dir, only: ->(_path) { raise refusal }, debounce: 0)
      make("a", "b")
      expect { all_changes(watcher) }.to output(/\AInotify::Watcher: a filter raised .*\n\z/).to_stderr
      watcher.close
    end
  end

  describe "that calls its own watcher" do
    it "gets what needs no wait, and never a ThreadError" do
      make("x/y")
      own = nil
      replies = []
      watcher = watch(ignore: lambda { |_path|
        replies << [own.take, own.sync, own.closed?, own.stats.class] if own
        false
      })
      own = watcher
      make("a", "d/e")
      expect(all_reported(watcher)).to eq [[:created, "a"], [:created, "d"], [:created, "d/e"]]
      expect(replies.map { |it| it[0].class }.uniq + replies.map { |it| it[2..] }.uniq).to eq [Array, [false, Hash]]
      expect(errors).to be_empty
    end

    it "can't wait for its paths" do
      own = nil
      watcher = watch(only: ->(_path) { own&.paths || true })
      make("a")
      own = watcher
      expect(all_reported(watcher)).to eq [[:created, "a"]]
      expect(errors.map(&:cause)).to all be_a(Inotify::FilterError)
    end
  end
end
