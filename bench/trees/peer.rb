# frozen_string_literal: true

require "rbconfig"

require_relative "../lib/build"
require_relative "../lib/dialogue"

module Bench
  # A process that watches a tree, seen from outside: what it uses is read from /proc.
  class TreePeer < Dialogue
    CHILD = File.expand_path("child.rb", __dir__)
    LIMIT = 300
    # What Inotify::Watcher watches for, but for accesses.
    EVENTS = "create,modify,close_write,delete,move,attrib"
    private_constant :EVENTS

    # Those there are, by name.
    OURS = "Inotify::Watcher"
    C = "C: getdents64, names kept"
    INOTIFYWAIT = "inotifywait -r"
    RB_INOTIFY = "rb-inotify"
    LISTEN = "listen"
    WATCHEXEC = "watchexec"
    WATCHMAN = "watchman"
    RUBY = { OURS => "Watcher", RB_INOTIFY => "RbInotify", LISTEN => "Listen" }.freeze

    # Those that are started by a script, where they are installed.
    SCRIPTS = [WATCHEXEC, WATCHMAN].select { |name| system("which", name, out: File::NULL, err: File::NULL) }.freeze

    # What getting ready took: `cpu` and `wall` in seconds, `rss` in KiB.
    attr_reader :cpu, :wall, :rss

    # Starts one that watches `dir`, and waits until it is ready.
    def initialize(name, dir, **options) # rubocop:disable Lint/MissingSuper
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
      paths = self.paths
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

    def kill
      super
    ensure
      File.delete(@output) if @output && File.exist?(@output)
    end

    private

    def start_ruby(options)
      environment = { "RUBYLIB" => Build::LIB }
      start(environment, RbConfig.ruby, CHILD, RUBY[@name], @dir, JSON.generate(options))
      gets
      before = [cpu_used, memory]
      _, @wall = ask("go").split
      @wall = @wall.to_f
      @cpu = cpu_used - before[0]
      @rss = memory - before[1]
    end

    def start_program
      begun = now
      start({}, *command, err: %i[child out])
      nil until gets.match?(/ready|Watches established/)
      @wall = now - begun
      @cpu = cpu_used
      @rss = memory
    end

    def command
      return [Build.program("tree_walk"), @dir] if @name == C

      @output = "#{@dir}.told"
      return ["sh", File.join(__dir__, "#{@name}.sh"), @dir, @output] if SCRIPTS.include?(@name)

      ["inotifywait", "-m", "-r", "-e", EVENTS, "--format", "%w%f", "-o", @output, @dir]
    end

    # A line each, or in JSON.
    def paths
      return [] unless File.exist?(@output.to_s)

      SCRIPTS.include?(@name) ? File.read(@output).scan(/"([^"]*)"/).flatten : File.readlines(@output, chomp: true)
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
      gets
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
