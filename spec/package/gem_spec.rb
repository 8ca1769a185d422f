# frozen_string_literal: true

require_relative "package_helper"

RSpec.describe "the gem", :package do
  include Package

  def gem_home(name = "gem home")
    real = path("real #{name}")
    FileUtils.mkdir_p(real)
    File.symlink(real, path(name))
    { "GEM_HOME" => path(name), "GEM_PATH" => path(name) }
  end

  # Where nothing of a build is to be found.
  def without_cargo
    { "PATH" => path("no programs"), "HOME" => path("no home"), "CARGO_HOME" => nil }
  end

  it "works from a checkout whose path has spaces, after `rake compile`" do
    checkout = copy_checkout
    built = run_outside(*Program.ruby("-S", "rake", "compile"), environment: Package::HASTY, chdir: checkout)
    expect(built.status).to be_success, built.err
    expect(use("RUBYLIB" => File.join(checkout, "lib")))
      .to eq(["hello", File.join(checkout, "lib/inotify_rs/inotify_rs.so")])
  end

  it "works when installed from source into an empty GEM_HOME, behind a symlink and with spaces", :aggregate_failures do
    home = gem_home
    installed = install(Package::SOURCE, home)
    expect(installed.status).to be_success, installed.out + installed.err
    expect(use(home)).to match(["hello", /\A#{Regexp.escape(dir)}.*inotify_rs\.so\z/])

    left = sizes(path("real gem home"))
    # RubyGems keeps the library twice. By the gem's own profile; one that builds faster makes more of it.
    expect(left.values.sum).to be < (ENV.key?("CARGO_PROFILE_RELEASE_LTO") ? 10_000_000 : 8_500_000)
    expect(left.keys.grep(%r{(\A|/)(target|tests|fuzz)(/|\z)})).to be_empty
  end

  it "works when installed precompiled where there is no cargo" do
    home = gem_home.merge(without_cargo)
    installed = install(Package::PRECOMPILED, home)
    expect(installed.status).to be_success, installed.out + installed.err
    expect(use(home)).to match(["hello", /\A#{Regexp.escape(dir)}.*inotify_rs\.so\z/])
  end

  it "brings a command that works" do
    home = gem_home
    install(Package::PRECOMPILED, home)
    command = run_outside(path("gem home/bin/inotify_rs"), "--timeout", "0", "/etc/hosts", environment: home)
    expect([command.status.exitstatus, command.err])
      .to eq([124, "inotify_rs: ready: watching 0 directories with 1 file\n"])
  end

  it "says what it needs when it is installed from source where there is no cargo" do
    installed = install(Package::SOURCE, gem_home.merge(without_cargo))
    expect(installed.status).not_to be_success
    expect(installed.err).to match(/^inotify_rs needs Rust 1\.85 or later to be built, and no cargo was found: /)
  end

  it "has a second gem beside it, which is one file and fits what needs rb-inotify", :aggregate_failures do
    spec = Gem::Package.new(Package::RB_INOTIFY).spec
    expect(spec.files).to eq(["rb-inotify.rb"])
    expect(spec.dependencies).to be_empty
    expect(Gem::Requirement.new("~> 0.9", ">= 0.9.10")).to be_satisfied_by(spec.version)
    # What is installed of rb-inotify itself is lower, whatever it is.
    expect(spec.version).to eq(Gem::Version.new("0.99.#{Inotify::VERSION}"))
  end

  it "takes the library of its own version, whatever else is installed precompiled" do
    home = gem_home
    install(Package::PRECOMPILED, home)
    checkout = copy_checkout
    environment = home.merge("RUBYLIB" => File.join(checkout, "lib"))
    expect(run_outside(*Program.ruby("-e", "require 'inotify_rs'"), environment: environment, chdir: "/").err)
      .to include("the extension of inotify_rs is not built for")
  end

  describe "precompiled" do
    let(:minor) { RUBY_VERSION[/\A\d+\.\d+/] }
    let(:others) { NativeGem::MINORS - [minor] }
    let(:checkout) { copy_checkout }

    # Stages this Ruby's library, as if `minors` had built it.
    def stage(*minors, platform: NativeGem::PLATFORM)
      minors.each do |name|
        from = File.join(NativeGem::STAGING, NativeGem::PLATFORM, minor)
        to = File.join(checkout, "tmp/native", platform, name)
        FileUtils.mkdir_p(to)
        FileUtils.cp(Dir[File.join(from, "*")], to)
      end
    end

    def staged(minor) = File.join(checkout, "tmp/native", NativeGem::PLATFORM, minor, "inotify_rs.so")

    def pack = run_outside(*Program.ruby("-S", "rake", "native:pack"), chdir: checkout)

    def packed(platform = NativeGem::PLATFORM)
      Gem::Package.new(File.join(checkout, "pkg", "inotify_rs-#{Inotify::VERSION}-#{platform}.gem"))
    end

    def rubies(spec, *versions)
      versions.select { |version| spec.required_ruby_version.satisfied_by?(Gem::Version.new(version)) }
    end

    it "has this Ruby's library and no sources" do
      spec = Gem::Package.new(Package::PRECOMPILED).spec
      expect([spec.original_platform, spec.extensions, spec.files.grep(/\.(so|rs|toml|lock)\z/)])
        .to eq([NativeGem::PLATFORM, [], ["lib/inotify_rs/#{minor}/inotify_rs.so"]])
      expect(rubies(spec, "3.0.9", RUBY_VERSION, "9.0.0")).to eq([RUBY_VERSION])
    end

    # What other Rubies would have built is not loaded here: the release does so in their containers.
    it "has one library for each minor version of Ruby, and each loads its own", :aggregate_failures do
      stage(*NativeGem::MINORS)
      others.each { |other| File.write(staged(other), "x") }
      expect(pack.out).to include("for Ruby #{NativeGem::MINORS.join(", ")} and glibc ")
      libraries = NativeGem::MINORS.map { |it| "lib/inotify_rs/#{it}/inotify_rs.so" }
      expect(packed.spec.files.grep(/so\z/)).to match_array(libraries)
      expect(rubies(packed.spec, "3.0.9", "3.1.0", "3.4.9", "4.0.9", "4.1.0.dev")).to eq(%w[3.1.0 3.4.9 4.0.9])

      home = gem_home.merge(without_cargo)
      install(packed.gem.path, home)
      expect(use(home)).to match(["hello", %r{/lib/inotify_rs/#{minor}/inotify_rs\.so\z}])
    end

    it "is not for glibc where it is for musl, whatever RubyGems" do
      stage(minor, platform: "x86_64-linux-musl")
      pack
      spec = packed("x86_64-linux-musl").spec
      expect([spec.original_platform, spec.required_rubygems_version.to_s]).to eq(["x86_64-linux-musl", ">= 3.3.22"])
    end

    it "is not packed without any library" do
      expect(pack.err)
        .to include("no library is staged for #{NativeGem::PLATFORM}: build one with `rake native:library`")
    end

    it "is not packed without a library for a Ruby between its others" do
      stage("3.1", "3.4")
      expect(pack.err).to include("no library is staged for Ruby 3.2, which is between 3.1 and 3.4")
    end

    it "is not packed from a library of other sources" do
      stage(minor)
      File.write(File.join(checkout, "ext/inotify_core/src/lib.rs"), "\n", mode: "a")
      expect(pack.err).to include("the library for Ruby #{minor} is built from other sources: build it again")
    end
  end
end
