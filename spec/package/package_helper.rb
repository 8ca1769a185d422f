# frozen_string_literal: true

require "rubygems/package"
require_relative "../../.ci/native_gem"

# These build and install for a minute, so they run when asked for: `rake package`, or `rspec --tag package`.
RSpec.configure { |config| config.filter_run_excluding(:package) }

# The built gems, and programs that know nothing of this checkout.
module Package
  SPEC = Gem::Specification.load(File.join(Program::ROOT, "inotify_rs.gemspec"))
  SOURCE = File.join(Program::ROOT, "pkg", SPEC.file_name)
  PRECOMPILED = SOURCE.sub(/\.gem\z/, "-#{NativeGem::PLATFORM}.gem")
  RB_INOTIFY = File.join(Program::ROOT, "pkg", "rb-inotify-0.99.#{Inotify::VERSION}.gem")
  BUILD_LIMIT = 900 # seconds

  # For cargo, where it is not about the library that comes out.
  HASTY = %w[LTO=off CODEGEN_UNITS=16 OPT_LEVEL=1].to_h { |it| "CARGO_PROFILE_RELEASE_#{it}".split("=") }.freeze

  EVENT = <<~RUBY
    require "inotify_rs"
    require "tmpdir"
    Dir.mktmpdir do |dir|
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      File.write(File.join(dir, "hello"), "")
      Inotify.watch(fd) { |event| puts event.name }
      Inotify.close(fd)
    end
    puts $LOADED_FEATURES.grep(/inotify_rs\\.so/)
  RUBY

  def run_outside(*command, environment: {}, **options)
    Program.run(Program::OUTSIDE.merge(environment), *command, limit: BUILD_LIMIT, **options)
  end

  # Without what is built and what is not in the repository.
  def copy_checkout
    path("a checkout").tap do |checkout|
      FileUtils.mkdir_p(checkout)
      sources = Dir.children(Program::ROOT) - %w[.git doc pkg target tmp]
      FileUtils.cp_r(sources.map { |name| File.join(Program::ROOT, name) }, checkout)
      FileUtils.rm_f(Dir[File.join(checkout, "lib/**/*.so")])
    end
  end

  # `gem install`, also where PATH has no `gem`.
  def install(gem, environment)
    run_outside(*Program.ruby("-rrubygems/gem_runner", "-e", "Gem::GemRunner.new.run(ARGV.dup)", "--",
                              "install", "--local", "--no-document", gem), environment: environment)
  end

  # What an installed gem says of a new file, and the library it loaded.
  def use(environment)
    run_outside(*Program.ruby("-e", EVENT), environment: environment, chdir: "/").out.lines(chomp: true)
  end

  # All files below, with their sizes in bytes.
  def sizes(place)
    Dir.glob("**/*", File::FNM_DOTMATCH, base: place).to_h { |name| [name, File.lstat(File.join(place, name)).size] }
  end
end
