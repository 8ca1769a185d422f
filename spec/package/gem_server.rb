# frozen_string_literal: true

require "rubygems/package"
require "zlib"

# A directory that Bundler and RubyGems take for a gem server, by a file:// address.
class GemServer
  INDEX = "quick/Marshal.4.8"
  # These are what the tests are without.
  OTHERS = %w[rb-inotify ffi].freeze

  def initialize(dir)
    @dir = dir
    @specs = []
    FileUtils.mkdir_p([File.join(dir, "gems"), File.join(dir, INDEX)])
    write_index
  end

  def url = "file://#{@dir}"

  # The file of a gem that it serves.
  def file(name) = Dir[File.join(@dir, "gems", "#{name}-*.gem")].first

  # Serves this file.
  def add(file)
    spec = Gem::Package.new(file).spec
    FileUtils.cp(file, File.join(@dir, "gems"))
    write("#{INDEX}/#{File.basename(file, ".gem")}.gemspec.rz", Zlib::Deflate.deflate(Marshal.dump(spec)))
    @specs << spec
    write_index
  end

  # Serves a gem whose files are below `from`.
  def build(spec, from)
    file = File.join(@dir, spec.file_name)
    Dir.chdir(from) { quietly { Gem::Package.build(spec, true, false, file) } }
    add(file)
  end

  # Serves a gem that is installed here, unpacked as Debian has it, and what it depends on.
  def add_installed(name)
    return if OTHERS.include?(name) || @specs.any? { |spec| spec.name == name }

    installed = Gem::Specification.find_by_name(name)
    return if installed.default_gem?

    spec = installed.dup
    spec.files = Dir["{bin,exe,lib}/**/*", base: spec.gem_dir].reject { |it| File.directory?("#{spec.gem_dir}/#{it}") }
    build(spec, installed.gem_dir)
    spec.runtime_dependencies.each { |dependency| add_installed(dependency.name) }
  end

  private

  def write_index
    names = @specs.map { |spec| [spec.name, spec.version, spec.original_platform.to_s] }
    { "specs" => names, "latest_specs" => names, "prerelease_specs" => [] }.each do |name, entries|
      write("#{name}.4.8.gz", Gem::Util.gzip(Marshal.dump(entries)))
    end
  end

  def write(name, content) = File.binwrite(File.join(@dir, name), content)

  def quietly(&block)
    silent = Gem::SilentUI.new
    Gem::DefaultUserInteraction.use_ui(silent, &block)
  ensure
    silent.close
  end
end
