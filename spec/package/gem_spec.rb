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
    checkout = path("a checkout")
    FileUtils.mkdir_p(checkout)
    sources = Dir.children(Program::ROOT) - %w[.git doc pkg target tmp]
    FileUtils.cp_r(sources.map { |name| File.join(Program::ROOT, name) }, checkout)
    FileUtils.rm_f(Dir[File.join(checkout, "lib/**/*.so")])

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
    expect(left.values.sum).to be < 6_000_000
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

  it "is precompiled for one ABI of Ruby" do
    spec = Gem::Package.new(Package::PRECOMPILED).spec
    expect([spec.platform, spec.extensions, spec.files.grep(/\.(so|rs|toml|lock)\z/)])
      .to eq([Gem::Platform.local, [], ["lib/inotify_rs/inotify_rs.so"]])
    rubies = [RUBY_VERSION, "3.0.9", "3.9.0.dev"].map { |ruby| Gem::Version.new(ruby) }
    expect(rubies.select { |ruby| spec.required_ruby_version.satisfied_by?(ruby) }).to eq(rubies.first(1))
  end
end
