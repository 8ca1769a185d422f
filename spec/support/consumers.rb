# frozen_string_literal: true

# Programs that know nothing of this gem, and report in lines what they see in their working directory.
module Consumers
  LISTEN = <<~RUBY
    require "listen"
    $stdout.sync = true
    Listen.logger = Logger.new($stderr)
    listener = Listen.to(Dir.pwd, wait_for_delay: 0.01) do |modified, added, removed|
      { modified: modified, added: added, removed: removed }.each do |what, paths|
        paths.each { |path| puts "\#{what} \#{path.delete_prefix("\#{Dir.pwd}/")}" }
      end
    end
    listener.start
    puts "ready"
    sleep
  RUBY

  GUARDFILE = <<~RUBY
    module ::Guard
      class Teller < Plugin
        def run_on_additions(paths) = paths.each { |path| report("added", path) }
        def run_on_modifications(paths) = paths.each { |path| report("modified", path) }
        def run_on_removals(paths) = paths.each { |path| report("removed", path) }
        def report(what, path) = $stdout.write("\#{what} \#{path}\\n") && $stdout.flush
      end
    end
    guard(:teller) { watch(/./) }
  RUBY

  GUARD = <<~RUBY
    require "guard"
    require "guard/cli"
    $stdout.sync = $stderr.sync = true
    $stderr.reopen($stdout)
    Guard::CLI.start(%w[start --no-interactions --no-bundler-warning -w . -G ../Guardfile])
  RUBY

  JEKYLL = <<~RUBY
    $stdout.sync = true
    gem "jekyll"
    load Gem.bin_path("jekyll", "jekyll")
  RUBY

  CHECKER = <<~RUBY
    require "logger"
    require "active_support"
    require "active_support/core_ext"
    require "active_support/evented_file_update_checker"
    $stdout.sync = true
    checker = ActiveSupport::EventedFileUpdateChecker.new([], Dir.pwd => []) { puts "updated" }
    puts "ready"
    loop { checker.execute_if_updated || sleep(0.01) }
  RUBY

  PROGRAMS = {
    "listen" => [LISTEN, [], /^ready/],
    "guard" => [GUARD, [], /now watching/],
    "jekyll build --watch" => [JEKYLL, %w[build --watch --destination ../site], /Auto-regeneration: enabled/],
    "ActiveSupport::EventedFileUpdateChecker" => [CHECKER, [], /^ready/]
  }.freeze

  GEMS = { "listen" => "listen", "guard" => "guard", "jekyll build --watch" => "jekyll",
           "ActiveSupport::EventedFileUpdateChecker" => "activesupport" }.freeze

  def self.installed?(name) = Gem::Specification.any? { |spec| spec.name == GEMS.fetch(name) }

  # Starts a program in the directory `watched`; yields it when it watches.
  def consumer(name, environment)
    script, arguments, ready = PROGRAMS.fetch(name)
    FileUtils.mkdir_p(path("watched"))
    File.write(path("Guardfile"), GUARDFILE)
    command = Program.ruby("-W0", "-e", script, "--", *arguments)
    Program.start(Program::OUTSIDE.merge(environment), *command, chdir: path("watched")) do |program|
      line_like(program, ready)
      yield program
    end
  end

  # Waits for a line.
  def line_like(program, pattern, limit: Program::LIMIT)
    deadline = now + limit
    seen = []
    until (line = program.line(limit: limit)).nil? || now > deadline
      seen << line
      return line if line.match?(pattern)
    end
    raise "nothing like #{pattern.inspect} in #{seen}\n#{program.err}"
  end
end
