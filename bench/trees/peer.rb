# frozen_string_literal: true

require "io/wait"
require "json"
require "rbconfig"

require_relative "../lib/build"

module Bench
  # A process that watches a tree, seen from outside: what it uses is read from /proc.
  class TreePeer
    CHILD = File.expand_path("child.rb", __dir__)
    LIMIT = 300 # seconds

    # Those there are, by name.
    OURS = "Inotify::Watcher"
    C = "C: getdents64, names kept"
    INOTIFYWAIT = "inotifywait -r"
    RB_INOTIFY = "rb-inotify"
    LISTEN = "listen"
    RUBY = { OURS => "Watcher", RB_INOTIFY => "RbInotify", LISTEN => "Listen" }.freeze

    # Starts one that watches `dir`; yields it when it is ready, and ends it.
    def self.open(name, dir, **options)
      peer = new(name, dir, options)
      yield peer
    ensure
      peer&.kill
    end

    # What getting ready took: `cpu` and `wall` in seconds, `rss` in KiB.
    attr_reader :cpu, :wall, :rss, :pid

    def initialize(name, dir, options)
      @name = name
      @dir = dir
      RUBY.key?(name) ? start_ruby(options) : start_program
    end

    # What it does while the block runs and until all is told: `cpu`, `sleeps` and what it reports.
    def measure
      cpu = cpu_used
      sleeps = self.sleeps
      yield
      report = self.report
      report.merge(cpu: cpu_used - cpu, sleeps: self.sleeps - sleeps)
    end

    def report
      return JSON.parse(ask("report"), symbolize_names: true) if RUBY.key?(@name)

      settle
      paths = File.exist?(@output.to_s) ? File.readlines(@output, chomp: true) : []
      { files: paths.uniq.count { |path| path.end_with?(".rb") }, changes: paths.size, batches: 0 }
    end

    # Seconds of CPU of all its threads.
    def cpu_used = tasks { |task| File.read("#{task}/schedstat").to_i }.sum / 1e9

    # How often its threads have gone to sleep.
    def sleeps = tasks { |task| File.read("#{task}/status")[/^voluntary_ctxt_switches:\s*(\d+)/, 1].to_i }.sum

    def memory = File.read("/proc/#{@pid}/smaps_rollup")[/^Rss: +(\d+)/, 1].to_i

    def signal(name) = Process.kill(name, @pid)

    # Writes a command whose answer is taken later.
    def tell(command) = @io.puts(command)

    def answer = JSON.parse(line, symbolize_names: true)

    def kill
      Process.kill(:KILL, @pid)
    rescue Errno::ESRCH
      # It has ended.
    ensure
      @io.close
      File.delete(@output) if @output && File.exist?(@output)
    end

    private

    def start_ruby(options)
      environment = { "RUBYLIB" => Build::LIB }
      @io = IO.popen([environment, RbConfig.ruby, CHILD, RUBY[@name], @dir, JSON.generate(options)], "r+")
      @pid = @io.pid
      line
      before = [cpu_used, memory]
      _, @wall = ask("go").split
      @wall = @wall.to_f
      @cpu = cpu_used - before[0]
      @rss = memory - before[1]
    end

    def start_program
      start = now
      @io = IO.popen(command, "r+", err: %i[child out])
      @pid = @io.pid
      nil until line.match?(/ready|Watches established/)
      @wall = now - start
      @cpu = cpu_used
      @rss = memory
    end

    def command
      return [Build.program("tree_walk"), @dir] if @name == C

      @output = "#{@dir}.told"
      ["inotifywait", "-m", "-r", "-e", "create", "-e", "moved_to", "--format", "%w%f", "-o", @output, @dir]
    end

    # Until it uses no CPU for a second.
    def settle
      quiet = 0
      while quiet < 4
        before = cpu_used
        sleep(0.25)
        quiet = cpu_used == before ? quiet + 1 : 0
      end
    end

    def ask(command)
      @io.puts(command)
      line
    end

    def line
      raise "#{@name} said nothing for #{LIMIT} seconds" unless @io.wait_readable(LIMIT)

      @io.gets&.chomp || raise("#{@name} ended early")
    end

    def tasks
      Dir.children("/proc/#{@pid}/task").filter_map do |task|
        yield "/proc/#{@pid}/task/#{task}"
      rescue Errno::ENOENT, Errno::ESRCH
        nil
      end
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
