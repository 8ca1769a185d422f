# frozen_string_literal: true

require_relative "package_helper"

# A machine on which no gem is installed, and an application on it.
class Machine
  include Package

  # What makes a Ruby take itself for that of another system.
  PRETENCE = <<~RUBY
    require "rbconfig"
    Object.send(:remove_const, :RUBY_PLATFORM)
    RUBY_PLATFORM = %<platform>p
    RbConfig::CONFIG.update("arch" => RUBY_PLATFORM, "host_os" => %<os>p, "target_os" => %<os>p)
    Gem::Platform.instance_variable_set(:@local, nil)
    Gem.platforms = [Gem::Platform::RUBY, Gem::Platform.local]
  RUBY
  SYSTEMS = { linux: [nil, nil], macos: %w[arm64-darwin23 darwin23], windows: %w[x64-mingw-ucrt mingw32] }.freeze

  # Reports a new file by listen, and what is loaded of all that watches.
  LISTENING = <<~'RUBY'
    require "listen"
    linux = RUBY_PLATFORM.include?("linux")
    reported = Queue.new
    listener = Listen.to(ARGV[0], force_polling: !linux, latency: 0.05) { |_, added, _| added.each { reported << _1 } }
    listener.start
    writer = Thread.new do
      File.write(File.join(ARGV[0], "new"), "")
      # Polling misses what is there before it begins.
      1.step { |number| File.write(File.join(ARGV[0], "new#{number}"), "") && sleep(0.1) } unless linux
    end
    puts File.basename(reported.pop)[0, 3]
    writer.kill
    listener.stop
    puts $LOADED_FEATURES.filter_map { |name| name[%r{/((?:rb-inotify|ffi\w*|inotify_rs)\.(?:rb|so))\z}, 1] }.uniq.sort
  RUBY

  attr_reader :dir, :app

  # Takes variables of its environment.
  def initialize(dir, system: :linux, **variables)
    @dir = dir
    @app = File.join(dir, "app")
    @variables = variables.transform_keys(&:to_s)
    FileUtils.mkdir_p(app)
    @pretence = pretence(*SYSTEMS.fetch(system))
  end

  def environment
    {
      "GEM_HOME" => File.join(dir, "gems"), "GEM_PATH" => File.join(dir, "gems"),
      "GEM_SPEC_CACHE" => File.join(dir, "specs"), "BUNDLE_USER_HOME" => File.join(dir, "bundle"),
      "BUNDLE_APP_CONFIG" => File.join(dir, "config"), "BUNDLE_SILENCE_ROOT_WARNING" => "true", **@variables
    }
  end

  def gemfile=(content)
    File.write(File.join(app, "Gemfile"), content)
  end

  # Takes the application of another machine.
  def share(other)
    FileUtils.cp(%w[Gemfile Gemfile.lock].map { |name| File.join(other.app, name) }, app)
  end

  def lock = File.read(File.join(app, "Gemfile.lock"))

  # The names and versions in Gemfile.lock.
  def locked = lock.scan(/^ {4}(\S+) \((.+)\)$/).to_h

  def bundle_install(**variables) = ran("-S", "bundle", "install", **variables)

  # Installs a gem file without Bundler.
  def gem_install(file)
    installed = install(file, environment)
    raise installed.out + installed.err unless installed.status.success?
  end

  # What a script prints with the bundle. `bundle exec` would load that before the pretence.
  def bundled(*script) = ran("-rbundler/setup", "-e", *script)

  # What listen reports, and what is loaded then.
  def listen = bundled(LISTENING, watched)

  def listen_without_bundler = ran("-e", LISTENING, watched)

  private

  def watched = File.join(dir, "watched").tap { |name| FileUtils.mkdir_p(name) }

  def ran(*arguments, **variables)
    variables = environment.merge(variables.transform_keys(&:to_s))
    result = run_outside(*Program.ruby("-W0", *@pretence, *arguments), environment: variables, chdir: app)
    raise result.out + result.err unless result.status.success?

    result.out.lines(chomp: true)
  end

  # The option of a Ruby that takes itself for one of this platform.
  def pretence(platform, system)
    return [] unless platform

    file = File.join(dir, "pretence.rb")
    File.write(file, format(PRETENCE, platform: platform, os: system))
    ["-r", file]
  end
end
