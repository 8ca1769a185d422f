# frozen_string_literal: true

require "json"
$LOAD_PATH << File.expand_path("../../lib", __dir__)
require "inotify_rs"

require_relative "forest"

module Bench
  # A checkpoint of 100,000 files: what writing it takes, and the start from it against a start without and against
  # `find -printf`, which stats every file, too.
  class TreeCheckpoint
    DIRECTORIES = 5_000
    FILES = 20
    FIND = "find: inode, size and times of each"
    private_constant :DIRECTORIES, :FILES, :FIND

    def initialize(report, quick)
      @report = report
      @rounds = quick ? 3 : 9
    end

    def run
      Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES, FILES)
        @state = "#{dir}.state"
        in_child { Inotify::Watcher.new(dir).checkpoint(@state) }
        tell(Array.new(@rounds) { round(dir) }, size_of_paths(dir))
      end
    end

    private

    # Milliseconds of CPU time of each.
    def round(dir)
      { "start" => in_child { Inotify::Watcher.new(dir) },
        "start with since" => in_child { Inotify::Watcher.new(dir, since: @state) },
        "first checkpoint" => in_child(-> { Inotify::Watcher.new(dir) }) { |watcher| watcher.checkpoint(@state) },
        "first checkpoint after since" => in_child(-> { Inotify::Watcher.new(dir, since: @state) }) do |watcher|
          watcher.checkpoint(@state)
        end,
        "each further checkpoint" => in_child(-> { with_checkpoint(dir) }) { |watcher| watcher.checkpoint(@state) },
        FIND => in_child { Forest.run("find", dir, "-printf", "%i %s %T@ %C@\\n") } }
    end

    # A watcher with a change since its first checkpoint.
    def with_checkpoint(dir)
      watcher = Inotify::Watcher.new(dir)
      watcher.checkpoint(@state)
      File.write(Dir["#{dir}/**/*"].find { |path| File.file?(path) }, "")
      watcher.tap(&:sync)
    end

    # How many milliseconds of CPU time the block takes in a process of its own, after what it is given.
    def in_child(before = -> {}, &block)
      reader, writer = IO.pipe
      pid = fork { writer.write(JSON.generate(milliseconds(before.call, &block))) }
      writer.close
      Process.wait(pid)
      JSON.parse(reader.read)
    ensure
      reader&.close
    end

    def milliseconds(given)
      begun = now
      yield(given)
      (now - begun) * 1000
    end

    # With the processes that it ran.
    def now
      Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) + Process.times.then { |it| it.cutime + it.cstime }
    end

    def size_of_paths(dir) = Dir["#{dir}/**/*"].sum { |path| path.bytesize - dir.bytesize }

    def tell(rounds, size)
      what = "#{DIRECTORIES * FILES} files"
      rounds.first.each_key { |name| @report.row(what, name, { "CPU ms" => median(rounds.map { |it| it[name] }) }) }
      @report.row(what, "size of the file", { "bytes each" => File.size(@state) / (DIRECTORIES * FILES).to_f })
      aims(rounds, size)
    end

    def aims(rounds, size)
      ["first checkpoint", "first checkpoint after since", "each further checkpoint"].each do |checkpoint|
        @report.aim("CPU ms of #{checkpoint}", median(rounds.map { |it| it[checkpoint] }), 100)
      end
      @report.aim("start with since / without", ratio(rounds, "start with since", "start"), 1.3)
      @report.aim("start with since / find -printf", ratio(rounds, "start with since", FIND), 1.3)
      @report.aim("size of the checkpoint / paths", File.size(@state) / size.to_f, 1.5)
    end

    def ratio(rounds, one, other) = median(rounds.map { |it| it[one] / it[other] })

    def median(figures) = Statistics.median(figures)
  end
end
