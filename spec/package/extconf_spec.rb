# frozen_string_literal: true

# With a cargo that only pretends: what the true one builds, gem_spec.rb tests.
RSpec.describe "ext/inotify_rs/extconf.rb" do
  let(:extconf) { File.join(Program::ROOT, "ext/inotify_rs/extconf.rb") }
  let(:build) { path("build 'of' $HOME").tap { |place| FileUtils.mkdir_p(place) } }
  let(:site) { path("site dir") }
  let(:home) { path("home").tap { |place| FileUtils.mkdir_p(place) } }
  let(:tools) { path("tools").tap { |place| FileUtils.mkdir_p(place) } }
  let(:environment) { Program::OUTSIDE.merge("PATH" => "/usr/bin:/bin", "HOME" => home, "CARGO_HOME" => nil) }

  # A program called `cargo` that says it is of this version, and builds a file with the arguments it got.
  def cargo(version: "1.85.0", place: tools)
    FileUtils.mkdir_p(place)
    File.join(place, "cargo").tap do |file|
      File.write(file, <<~SH, perm: 0o755)
        #!/bin/sh
        if [ "$1" = --version ]; then echo "cargo #{version}"; exit; fi
        arguments="$* RUBY=$RUBY"
        while [ "$1" != --target-dir ]; do shift; done
        mkdir -p "$2/$CARGO_BUILD_TARGET/release"
        echo "$arguments RUSTFLAGS=$RUSTFLAGS" > "$2/$CARGO_BUILD_TARGET/release/libinotify_rs.so"
      SH
    end
  end

  def configure(**variables)
    Program.run(environment.merge(variables.transform_keys(&:to_s)), *Program.ruby(extconf), chdir: build)
  end

  # After `prelude`, which makes this Ruby another one.
  def configure_elsewhere(prelude, **variables)
    Program.run(environment.merge(variables.transform_keys(&:to_s)),
                *Program.ruby("-e", "#{prelude}; load ARGV.shift", extconf), chdir: build)
  end

  def redefine(**constants)
    constants.map { |name, value| "Object.send(:remove_const, :#{name}); #{name} = #{value.inspect}" }.join(";")
  end

  def make(*targets, **variables)
    made = Program.run(environment.merge(variables.transform_keys(&:to_s)),
                       "make", "--silent", *targets, "DESTDIR=", "sitearchdir=#{site}", chdir: build)
    expect([made.status.exitstatus, made.err]).to eq([0, ""])
  end

  def installed = File.join(site, "inotify_rs/inotify_rs.so")

  it "has cargo build the locked release for the Ruby that runs it" do
    configure(CARGO: cargo)
    make("install")
    expect(File.read(installed))
      .to match(/\Abuild --locked --release .* RUBY=#{Regexp.escape(RbConfig.ruby)} RUSTFLAGS=\n\z/)
  end

  it "builds where the path has spaces, quotes and dollars, and after the clean that RubyGems begins with" do
    configure(CARGO: cargo)
    %w[clean all install].each { |target| make(target) }
    expect(File).to exist(installed)
  end

  it "replaces a library by another file, never in place" do
    configure(CARGO: cargo)
    make("install")
    File.open(installed) do |loaded|
      make("install")
      expect(File.stat(installed).ino).not_to eq(loaded.stat.ino)
    end
  end

  it "leaves no target directory of its own" do
    configure(CARGO: cargo)
    make("install")
    expect(Dir.children(build)).to contain_exactly("Makefile", "mkmf.log")
  end

  it "leaves a shared target directory alone" do
    target = path("shared target")
    configure(CARGO: cargo, CARGO_TARGET_DIR: target)
    %w[clean install clean].each { |name| make(name) }
    expect(File).to exist(File.join(target, "release/libinotify_rs.so"))
  end

  it "installs what cargo builds for CARGO_BUILD_TARGET" do
    configure(CARGO: cargo, CARGO_BUILD_TARGET: "x86_64-unknown-linux-gnu")
    make("install", CARGO_BUILD_TARGET: "x86_64-unknown-linux-gnu")
    expect(File).to exist(installed)
  end

  it "links a library on musl dynamically, beside the user's own flags" do
    configure_elsewhere('require "rbconfig"; RbConfig::CONFIG["host_os"] = "linux-musl"', CARGO: cargo)
    make("install", RUSTFLAGS: "-C target-cpu=native")
    expect(File.read(installed)).to end_with(" RUSTFLAGS=-C target-cpu=native -C target-feature=-crt-static\n")
  end

  it "finds the cargo of rustup where PATH does not have it" do
    cargo(place: File.join(home, ".cargo/bin"))
    expect(configure(PATH: tools).status).to be_success
  end

  it "says in one sentence that there is no cargo" do
    result = configure(PATH: tools)
    expect(result.status.exitstatus).to eq(1)
    expect(result.err.lines.grep_v(/^\s*$/))
      .to contain_exactly(/\Ainotify_rs needs Rust 1\.85 or later .* no cargo was found: install it .*\n\z/)
  end

  it "says in one sentence that cargo is too old" do
    result = configure(CARGO: cargo(version: "1.63.0"))
    expect(result.status.exitstatus).to eq(1)
    expect(result.err).to match(/\Ainotify_rs needs Rust 1\.85 or later .*cargo is 1\.63\.0: install it .*\n\z/)
  end

  it "says in one sentence that cargo does not work" do
    result = configure(CARGO: cargo(version: "not to be had"))
    expect(result.err).to match(/\Ainotify_rs needs Rust 1\.85 or later .*cargo is broken: install it .*\n\z/)
  end

  it "says in one sentence that only Linux has inotify" do
    result = configure_elsewhere(redefine(RUBY_PLATFORM: "arm64-darwin23"))
    expect([result.status.exitstatus, result.err])
      .to eq([1, "inotify_rs needs Linux, whose kernel has inotify; this Ruby runs on arm64-darwin23\n"])
  end

  it "says in one sentence that only CRuby can load it, and which Ruby this is", :aggregate_failures do
    { "jruby" => "JRuby", "truffleruby" => "TruffleRuby", "other" => "other" }.each do |engine, name|
      result = configure_elsewhere(redefine(RUBY_ENGINE: engine, RUBY_PLATFORM: "java"))
      expect([result.status.exitstatus, result.err])
        .to eq([1, "inotify_rs is a native extension for CRuby; #{name} cannot load it\n"])
    end
  end
end
