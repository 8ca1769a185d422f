# frozen_string_literal: true

require_relative "gem_server"
require_relative "machine"

# The Gemfiles in README.md and docs/, with the real Bundler and the real listen.
RSpec.describe "a Gemfile", :package, if: Consumers.installed?("listen") do
  include Package

  let(:server) do
    GemServer.new(path("server")).tap do |server|
      server.add_installed("listen")
      server.build(rb_inotify, dir)
    end
  end
  # In the place of the gem itself, which needs ffi: nothing works with this one.
  let(:rb_inotify) { Gem::Specification.new("rb-inotify", "0.98.7") { |spec| spec.author = spec.summary = "itself" } }
  let(:own_server) { GemServer.new(path("own")).tap { |server| server.add(Package::RB_INOTIFY) } }
  let(:linux) { Machine.new(path("linux")) }

  # This checkout as a repository.
  let(:repository) do
    path("inotify_rs").tap do |name|
      FileUtils.mv(copy_checkout, name)
      git = ["git", "-C", name, "-c", "user.name=us", "-c", "user.email=us@example.com"]
      [%w[init --quiet], %w[add .], %w[commit --quiet --message all]].each do |command|
        done = run_outside(*git, *command)
        raise done.err unless done.status.success?
      end
    end
  end

  # A cargo that builds nothing: it copies what `rake native` built.
  let(:no_cargo) do
    path("cargo").tap do |file|
      built = File.join(NativeGem::STAGING, NativeGem::PLATFORM, RUBY_VERSION[/\A\d+\.\d+/], NativeGem::LIBRARY)
      File.write(file, <<~SH, perm: 0o755)
        #!/bin/sh
        if [ "$1" = --version ]; then echo "cargo 99.0.0"; exit; fi
        while [ "$1" != --target-dir ]; do shift; done
        mkdir -p "$2/release" && cp "#{built}" "$2/release/libinotify_rs.so"
      SH
    end
  end

  # What Machine#listen returns.
  def on_inotify_rs = %w[new inotify_rs.rb inotify_rs.so rb-inotify.rb]
  def polling = %w[new]

  # The documents' lines that match, in a Gemfile with these servers.
  def gemfile(pattern, with: 'gem "listen"')
    blocks = Documents::ALL.flat_map(&:indented)
    lines = blocks.find { |block| block.match?(pattern) } || raise("nothing like #{pattern} in the documents")
    lines = lines.sub("ADDRESS", "file://#{repository}") if lines.include?("ADDRESS")
    %(source "#{server.url}"\n#{with}\n#{lines.sub("https://gems.example.com", own_server.url)})
  end

  it "has both gems from the repository, built on a machine where nothing is installed", :aggregate_failures do
    linux.gemfile = gemfile(/^ *git "/)
    # That of `rake native`, which has built the dependencies.
    linux.bundle_install(CARGO_TARGET_DIR: ENV.fetch("CARGO_TARGET_DIR", nil))
    expect(linux.listen).to eq(on_inotify_rs)
    expect(linux.locked.keys).to contain_exactly("inotify_rs", "rb-inotify", "listen")
    # Nothing of this machine, except for the addresses.
    expect(linux.lock.gsub(repository, "").gsub(server.url, "")).not_to include(dir)
  end

  it "is installed elsewhere as Gemfile.lock has it", :aggregate_failures do
    linux.gemfile = gemfile(/^ *git "/)
    linux.bundle_install(CARGO: no_cargo)
    other = Machine.new(path("other"), BUNDLE_FROZEN: "true", BUNDLE_DEPLOYMENT: "true")
    other.share(linux)
    other.bundle_install(CARGO: no_cargo)
    expect(other.listen).to eq(on_inotify_rs)
    expect(other.lock).to eq(linux.lock)
  end

  it "has the second gem from the repository, and inotify_rs from a gem server", :aggregate_failures do
    [Package::SOURCE, Package::PRECOMPILED].each { |file| server.add(file) }
    linux.gemfile = gemfile(/git: "/)
    linux.bundle_install(CARGO: "none")
    expect(linux.listen).to eq(on_inotify_rs)
    expect(linux.locked.keys).to contain_exactly("inotify_rs", "rb-inotify", "listen")
  end

  it "has the second gem from another gem server, also where rb-inotify itself is installed", :aggregate_failures do
    linux.gem_install(server.file("rb-inotify"))
    server.add(Package::PRECOMPILED)
    linux.gemfile = gemfile(/source: "/)
    linux.bundle_install
    expect(linux.listen).to eq(on_inotify_rs)
    expect(linux.locked).to include("rb-inotify" => Package::RB_INOTIFY[/inotify-([\d.]+)\.gem/, 1])
  end

  { macos: /^ *git "/, windows: /source: "/ }.each do |system, pattern|
    it "is shared with #{system}, where inotify_rs is skipped and listen does without", :aggregate_failures do
      server.add(Package::SOURCE)
      linux.gemfile = gemfile(pattern)
      linux.bundle_install(CARGO: no_cargo)
      other = Machine.new(path(system.to_s), system: system).tap { |machine| machine.share(linux) }
      other.bundle_install(CARGO: "none")
      expect(other.listen).to eq(polling)
      expect(Dir[File.join(other.dir, "gems/**/*.so")]).to be_empty
      linux.share(other)
      expect(linux.listen).to eq(on_inotify_rs)
    end
  end

  it "has inotify_rs for Rails on Linux only, and not where development and test are excluded" do
    server.add(Package::SOURCE)
    linux.gemfile = gemfile(%r{require: "inotify_rs/rails"}, with: "")
    linux.bundle_install(CARGO: no_cargo)
    others = [Machine.new(path("macos"), system: :macos),
              Machine.new(path("production"), BUNDLE_WITHOUT: "development:test")]
    others.each do |machine|
      machine.share(linux)
      machine.bundle_install(CARGO: "none")
    end
    script = "Bundler.require(:default, ARGV[0]); p defined?(Inotify::FileUpdateChecker).nil?"
    environments = [linux, *others].zip(%w[development development production])
    expect(environments.map { |machine, name| machine.bundled(script, name) }).to eq([%w[false], %w[true], %w[true]])
  end

  it "is not needed where the second gem is installed before listen" do
    [Package::PRECOMPILED, Package::RB_INOTIFY, server.file("listen")].each { |file| linux.gem_install(file) }
    expect(linux.listen_without_bundler).to eq(on_inotify_rs)
  end
end
