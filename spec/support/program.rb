# frozen_string_literal: true

require "io/wait"
require "rbconfig"
require "tempfile"
require_relative "waiting"

# A program that a test runs. What it prints and its end are waited for with a limit, and it does not outlive the test.
class Program
  include Waiting

  ROOT = File.expand_path("../..", __dir__)
  LIMIT = Waiting::LIMIT # seconds

  # The environment of a user's own shell: without what Bundler, RubyGems and the Rakefile set.
  OUTSIDE = ENV.keys.grep(/\A((BUNDLE|GEM_|RUBY).*|CARGO(_TARGET_DIR)?)\z/).to_h { |name| [name, nil] }.freeze

  # What a program left when it ended.
  Result = Struct.new(:status, :out, :err)

  # Runs `command` to its end, or kills it after `limit` seconds.
  def self.run(*command, limit: LIMIT, **options)
    start(*command, **options) do |program|
      out = Thread.new { program.out.read }
      status = program.wait(limit)
      out.join(limit) || raise("#{command.inspect} ended, and something has its output open\n#{program.err}")
      Result.new(status, out.value, program.err)
    end
  end

  # Runs `command` beside the block.
  def self.start(...)
    program = new(...)
    yield program
  ensure
    program&.kill
  end

  def self.ruby(*arguments) = [RbConfig.ruby, "-W:no-experimental", *arguments]

  attr_reader :pid, :out

  def initialize(*command, **options)
    @command = command
    @out, writer = IO.pipe
    @err = Tempfile.new("stderr")
    # Its own process group: what it starts ends with it.
    @pid = heeding_hangups do
      Process.spawn(*command, in: File::NULL, out: writer, err: @err.path, pgroup: true, **options)
    end
    writer.close
    @end = Process.detach(@pid)
  end

  # The next line of its output.
  def line(limit: LIMIT)
    out.wait_readable(limit) || raise("#{@command.inspect} printed nothing within #{limit} s\n#{err}")
    out.gets
  end

  # Reads lines to the first that matches.
  def line_matching(pattern, limit: LIMIT)
    lines = []
    deadline = now + limit
    loop do
      lines << (line(limit: [deadline - now, 0].max) || raise("#{@command.inspect} ended after #{lines}\n#{err}"))
      return lines.last if lines.last.b.match?(pattern)
    end
  end

  # Waits until it has a watch, as the kernel reports.
  def watching
    until Dir["/proc/#{pid}/fdinfo/*"].any? { |file| watch?(file) }
      raise "#{@command.inspect} ended before it watched anything\n#{err}" unless @end.alive?

      out.wait_readable(0.01)
    end
  end

  def signal(name) = Process.kill(name, pid)

  # Its exit status.
  def wait(limit = LIMIT)
    @end.join(limit) || raise("#{@command.inspect} did not end within #{limit} s\n#{err}")
    @end.value
  end

  def err = File.read(@err.path)

  def kill
    Process.kill(:KILL, -pid)
  rescue Errno::ESRCH
    # It has ended, and all that it started.
  ensure
    @end.join
    out.close
    @err.close!
  end

  private

  # Under nohup(1) SIGHUP is ignored, and what is started then ignores it, too.
  def heeding_hangups
    before = trap(:HUP, "SYSTEM_DEFAULT")
    yield
  ensure
    trap(:HUP, before)
  end

  def watch?(fdinfo)
    File.foreach(fdinfo).any? { |line| line.start_with?("inotify wd:") }
  rescue SystemCallError
    false
  end
end
