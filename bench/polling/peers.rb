# frozen_string_literal: true

require "open3"
require "rbconfig"

require_relative "../lib/build"

module Bench
  # What polls: each a program that prints the CPU seconds of one scan.
  module PollingPeers
    # How many scans are measured at once.
    SCANS = 5

    FIND = <<~RUBY.freeze
      #{SCANS}.times { system("find", ARGV.first, "-printf", "%C@\\n", out: File::NULL, exception: true) }
      times = Process.times
      puts (times.cutime + times.cstime) / #{SCANS}
    RUBY

    # It scans when it is asked, so that the pace does not matter.
    WATCHER = <<~RUBY.freeze
      require "inotify_rs"
      watcher = Inotify::Watcher.new(ARGV.first, poll: [:always, 3600])
      cpu = -> { Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) }
      watcher.sync
      before = cpu.call
      #{SCANS}.times { watcher.sync }
      puts (cpu.call - before) / #{SCANS}
    RUBY

    # Those that cannot be asked scan once a second, and are measured for as many seconds.
    CHOKIDAR = <<~JS.freeze
      const watcher = require("chokidar").watch(process.argv[1], { usePolling: true, interval: 1000, binaryInterval: 1000 });
      watcher.on("ready", () => setTimeout(() => {
        const before = process.cpuUsage();
        setTimeout(() => {
          const used = process.cpuUsage(before);
          console.log((used.user + used.system) / 1e6 / #{SCANS});
          process.exit();
        }, #{SCANS}000);
      }, 2000));
    JS

    WATCHFILES = <<~PYTHON.freeze
      import sys, threading, time, watchfiles
      def measure():
          time.sleep(3)
          before = time.process_time()
          time.sleep(#{SCANS})
          print((time.process_time() - before) / #{SCANS}, flush=True)
          stop.set()
      stop = threading.Event()
      threading.Thread(target=measure).start()
      for changes in watchfiles.watch(sys.argv[1], force_polling=True, poll_delay_ms=1000, stop_event=stop):
          pass
    PYTHON

    # A name, and the command that measures; `probe` ends well where it can.
    Peer = Struct.new(:name, :command, :probe) do
      def available? = probe.nil? || system(*probe, out: File::NULL, err: File::NULL)

      def measure(dir)
        output, status = Open3.capture2(*command, dir)
        raise "#{name} ended with #{status}" unless status.success?

        Float(output)
      end
    end

    ruby = [RbConfig.ruby, "-I", Build::LIB, "-e"]
    ALL = [
      Peer.new("find -printf %C@", [*ruby, FIND]),
      Peer.new("Inotify::Watcher", [*ruby, WATCHER]),
      Peer.new("chokidar", ["node", "-e", CHOKIDAR], ["node", "-e", "require('chokidar')"]),
      Peer.new("watchfiles", ["python3", "-c", WATCHFILES], ["python3", "-c", "import watchfiles"])
    ].freeze
  end
end
