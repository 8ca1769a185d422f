# frozen_string_literal: true

require "digest"
require "fileutils"
require "rbconfig"
require "rubygems/package"
require_relative "../lib/inotify_rs/internal/platform"

# A precompiled gem of one platform. It is fat: it has a library for each minor version of Ruby. Each of these Rubies
# stages its own library, on any machine; then one packs them all.
class NativeGem
  # The supported minor versions of Ruby, oldest first.
  MINORS = %w[3.1 3.2 3.3 3.4 4.0].freeze

  ROOT = File.expand_path("..", __dir__)
  STAGING = File.join(ROOT, "tmp/native")
  LIBRARY = "inotify_rs.so"
  SOURCES = "sources.sha256"
  LIBC = { "glibc" => "gnu", "musl" => "musl" }.fetch(Inotify.const_get(:Internal)::Platform.libc)

  # RubyGems before 3.3.22 takes a gem for musl to match glibc, too.
  MUSL_RUBYGEMS = ">= 3.3.22"

  # The running Ruby's platform. Always with the C library: before RubyGems 3.7 "x86_64-linux" matches musl, too.
  PLATFORM = "#{RbConfig::CONFIG["host_cpu"]}-linux-#{LIBC}".freeze

  # The same for rustc.
  TARGET = "#{RbConfig::CONFIG["host_cpu"]}-unknown-linux-#{LIBC}".freeze

  # The gems whose libraries are staged; where there are none, this platform's, which then says so.
  def self.staged
    platforms = Dir.children(STAGING).sort if Dir.exist?(STAGING)
    (platforms || [PLATFORM]).map { |platform| new(platform) }
  end

  def initialize(platform = PLATFORM)
    @platform = platform
    @staging = File.join(STAGING, platform)
  end

  # Stages the library that the block puts into the directory it gets. One that needs a newer glibc is refused.
  def stage(glibc: nil, minor: RUBY_VERSION[/\A\d+\.\d+/])
    dir = File.join(@staging, minor)
    FileUtils.rm_rf(dir)
    FileUtils.mkdir_p(dir)
    yield dir
    needed = needed_glibc(File.join(dir, LIBRARY))
    raise "the library needs glibc #{needed}, not only #{glibc}" if glibc && needed && newer?(needed, glibc)

    File.write(File.join(dir, SOURCES), sources)
  end

  # Packs what is staged into pkg/ and returns the sentence that says what it is.
  def pack
    minors = staged_minors
    spec = spec_for(minors)
    copy(spec, minors)
    # RubyGems before 3.3.22 would leave out "-gnu".
    file = File.join(ROOT, "pkg/#{spec.name}-#{spec.version}-#{@platform}.gem")
    FileUtils.mkdir_p(File.dirname(file))
    Dir.chdir(gem_dir) { Gem::Package.build(spec, false, false, file) }
    ["#{File.basename(file)} is for Ruby #{minors.join(", ")}", *glibc_of(minors)].join(" and ")
  end

  private

  def gem_dir = File.join(@staging, "gem")

  def staged_minors
    minors = Dir[File.join(@staging, "*", SOURCES)].map { |file| File.basename(File.dirname(file)) }
    minors = minors.sort_by { |minor| Gem::Version.new(minor) }
    raise "no library is staged for #{@platform}: build one with `rake native:library`" if minors.empty?

    refuse_stale(minors)
    refuse_gap(minors)
    minors
  end

  def refuse_stale(minors)
    stale = minors.find { |minor| File.read(File.join(@staging, minor, SOURCES)) != sources }
    raise "the library for Ruby #{stale} is built from other sources: build it again, or `rake clean`" if stale
  end

  # The list of minor versions tells the gaps, not arithmetic: 4.0 follows 3.4.
  def refuse_gap(minors)
    gap = (MINORS - minors).find { |minor| newer?(minor, minors.first) && newer?(minors.last, minor) }
    raise "no library is staged for Ruby #{gap}, which is between #{minors.first} and #{minors.last}" if gap
  end

  def spec_for(minors)
    Gem::Specification.load(File.join(ROOT, "inotify_rs.gemspec")).dup.tap do |spec|
      spec.platform = @platform
      spec.extensions = []
      spec.files = spec.files.grep_v(%r{\A(ext/|Cargo\.)}) + minors.map { |minor| "lib/inotify_rs/#{minor}/#{LIBRARY}" }
      major, minor = minors.last.split(".").map(&:to_i)
      spec.required_ruby_version = [">= #{minors.first}", "< #{major}.#{minor + 1}.dev"]
      spec.required_rubygems_version = MUSL_RUBYGEMS if @platform.end_with?("musl")
    end
  end

  def copy(spec, minors)
    FileUtils.rm_rf(gem_dir)
    minors.each do |minor|
      put(File.join(@staging, minor, LIBRARY), "lib/inotify_rs/#{minor}/#{LIBRARY}")
    end
    spec.files.each { |name| put(File.join(ROOT, name), name) unless name.end_with?(LIBRARY) }
  end

  def put(file, name)
    target = File.join(gem_dir, name)
    FileUtils.mkdir_p(File.dirname(target))
    FileUtils.cp(file, target)
  end

  # What the library is built from.
  def sources
    names = Dir[*%w[ext/*/src/**/*.rs ext/*/Cargo.toml ext/*/build.rs Cargo.*], base: ROOT].sort
    Digest::SHA256.hexdigest(names.map { |name| "#{name}\0#{File.binread(File.join(ROOT, name))}\0" }.join)
  end

  def glibc_of(minors)
    needed = minors.filter_map { |minor| needed_glibc(File.join(@staging, minor, LIBRARY)) }
    needed.empty? ? [] : ["glibc #{needed.max_by { |version| Gem::Version.new(version) }} or later"]
  end

  # The newest version of glibc's symbols that the library names.
  def needed_glibc(library)
    File.binread(library).scan(/\0GLIBC_(\d+(?:\.\d+)+)(?=\0)/).flatten.max_by { |version| Gem::Version.new(version) }
  end

  def newer?(version, than) = Gem::Version.new(version) > Gem::Version.new(than)
end
