# frozen_string_literal: true

# One measurement in a process of its own: child.rb TASK PEER-FILE PEER-CLASS ARGUMENTS…
#
# It tells each step on its standard output and waits for a line on its standard input before it goes on, so that
# run.rb can prepare what comes next. Its last line is the result, as JSON.

module Peers
  # A drain that may have lost events ends after this many seconds without any.
  QUIET = 1
end

# What a child does between its steps.
module Child
  module_function

  def step(name)
    $stdout.puts name
    $stdout.flush
    $stdin.gets || exit(1)
  end

  def prepared(file, klass, path, mask)
    $LOAD_PATH.unshift(*ENV.fetch("BENCH_LOAD_PATH").split(":"))
    require_relative "peers/#{file}"
    step("make")
    peer = Peers.const_get(klass).new(path, Integer(mask))
    step("made")
    GC.start
    peer
  end

  def cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond)
  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

  # Takes `total` events, or those that are not lost.
  def drain(*peer, total, kind: :drain)
    peer = prepared(*peer)
    kind = :drain unless peer.respond_to?(kind)
    objects = GC.stat(:total_allocated_objects)
    start = cpu
    count, bytes = peer.public_send(kind, Integer(total))
    { cpu: cpu - start, objects: GC.stat(:total_allocated_objects) - objects, events: count, bytes: bytes }
  end

  def storm(*arguments) = drain(*arguments, kind: :storm)

  # Tells how long each event was under way: the writer writes the time of each into the file `stamps`.
  def latency(*peer, stamps, total, busy)
    peer = prepared(*peer)
    stamps = File.open(stamps)
    # Its quantum of the VM lock is 100 ms.
    Thread.new { loop { nil } } if busy == "busy"
    latencies = []
    peer.forever do
      latencies << (now - stamps.pread(8, 8 * latencies.size).unpack1("q"))
      break if latencies.size == Integer(total)
    end
    { latencies: latencies }
  end

  # Waits for events that do not come, until it is ended.
  def idle(*peer)
    peer = prepared(*peer)
    peer.forever { nil }
  end

  # Makes a first watch and looks for events, in the process that had nothing loaded so far.
  def load(file, klass, path, mask)
    $LOAD_PATH.unshift(*ENV.fetch("BENCH_LOAD_PATH").split(":"))
    GC.start
    before = rss
    start = cpu
    if klass != "Bare"
      require_relative "peers/#{file}"
      peer = Peers.const_get(klass).new(path, Integer(mask))
      peer.poll if peer.respond_to?(:poll)
    end
    { cpu: cpu - start, rss: rss - before }
  end

  # Memory of this process, in KiB.
  def rss = File.read("/proc/self/smaps_rollup")[/^Rss: +(\d+)/, 1].to_i
end

if $PROGRAM_NAME == __FILE__
  result = Child.public_send(*ARGV)
  require "json"
  puts JSON.generate(result)
end
