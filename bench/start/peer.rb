# frozen_string_literal: true

require "open3"
require "rbconfig"

require_relative "../lib/build"
require_relative "../lib/dialogue"

module Bench
  # A program from its start until it says that it is ready, seen from outside: what it uses is read from /proc.
  class StartPeer < Dialogue
    LIMIT = 60
    READY = /ready|Watches established/

    # @param input [String] a line for its standard input
    def initialize(command, input) # rubocop:disable Lint/MissingSuper
      @begun = now
      start({}, *command, err: %i[child out])
      @io.puts(input)
      @io.close_write if command.first == "entr"
    end

    # @return [Hash{Symbol => Float}] `cpu` and `wall` in seconds
    def measure
      nil until gets.match?(READY)
      wall = now - @begun
      { cpu: cpu, wall: wall }
    end

    private

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    # Of all its threads, without that of children.
    def cpu = Dir["/proc/#{@pid}/task/*/schedstat"].sum { |file| File.read(file).to_i } / 1e9
  end

  # What is measured, by names: each returns `cpu` in seconds and more when it is called.
  module StartPeers
    EXE = File.expand_path("../../exe/inotify_rs", __dir__)
    BARE = [RbConfig.ruby, "--disable-gems"].freeze
    # Programs that run a command say by it that they are ready.
    SAY = %w[echo ready].freeze
    LIBRARIES = {
      "Inotify.watch" => "fd = Inotify.init; Inotify.add_watch(fd, dir, :create); Inotify.watch(fd, timeout: 0) { 0 }",
      "Inotify::Instance" => "Inotify::Instance.new.tap { |it| it.add_watch(dir, :create) }.read(timeout: 0)",
      "Inotify::Watcher" => "Inotify::Watcher.new(dir).take(timeout: 0)",
      "Inotify.eager_load!" => "Inotify.eager_load!"
    }.freeze
    # Prints what `require` and a use of the library take.
    LOAD = <<~RUBY
      cpu = -> { Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) }
      rss = -> { File.read("/proc/self/smaps_rollup")[/^Rss: +(\\d+)/, 1].to_i }
      dir = ARGV.first
      GC.start
      before = [cpu.call, rss.call]
      require "inotify_rs"
      %s
      puts cpu.call - before[0], rss.call - before[1]
    RUBY
    private_constant :BARE, :EXE, :SAY, :LIBRARIES, :LOAD

    module_function

    # What programs load.
    def libraries(dir)
      LIBRARIES.transform_values do |script|
        lambda do
          output, status = Open3.capture2(RbConfig.ruby, "-I", Build::LIB, "-e", format(LOAD, script), dir)
          raise "#{script} ended with #{status}" unless status.success?

          %i[cpu rss].zip(output.split.map { |number| Float(number) }).to_h
        end
      end
    end

    # The command and others, where they are installed. The first does nothing.
    def commands(dir)
      File.write(file = File.join(dir, "file"), "")
      ruby = "puts %(ready); $stdout.flush; sleep"
      all = { "ruby --disable-gems -e 0" => [*BARE, "-e", ruby], "ruby -e 0" => [RbConfig.ruby, "-e", ruby],
              "inotify_rs, without RubyGems" => [*BARE, EXE, dir], "inotify_rs" => [RbConfig.ruby, EXE, dir],
              "inotify_rs -- COMMAND, without RubyGems" => [*BARE, EXE, dir, "--", *SAY],
              "inotifywait -m -r" => ["inotifywait", "-m", "-r", dir], "entr COMMAND" => ["entr", "-n", *SAY],
              "watchexec COMMAND" => ["watchexec", "-w", dir, *SAY] }
      there = all.select { |_, command| system("which", command.first, out: File::NULL, err: File::NULL) }
      there.transform_values { |command| -> { StartPeer.open(command, file, &:measure) } }
    end
  end
end
