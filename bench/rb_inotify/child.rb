# frozen_string_literal: true

# One task in a process of its own: child.rb TASK DIR ARGUMENTS… It knows nothing of which engine it has.

require "json"
require "set"

# What a child does.
module Task
  FLAGS = %i[create modify delete move close_write attrib].freeze
  # A storm is over after so many seconds without an event.
  QUIET = 1

  module_function

  def step(name)
    $stdout.puts name
    $stdout.flush
    $stdin.gets || exit(1)
  end

  def cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond)

  # Memory of this process, in KiB.
  def rss = File.read("/proc/self/smaps_rollup")[/^Rss: +(\d+)/, 1].to_i

  # Takes events with so many bytes of names out of a filled queue.
  def process(dir, total, *flags)
    bytes = 0
    notifier = INotify::Notifier.new
    notifier.watch(dir, *flags, :open, :close_nowrite) { |event| bytes += event.name.bytesize }
    step("made")
    GC.start
    start = cpu
    notifier.process while bytes < Integer(total)
    { cpu: cpu - start, names: bytes }
  end

  def process_tree(dir, total) = process(dir, total, :recursive)

  # Watches all below a directory.
  def tree(dir)
    GC.start
    before = rss
    start = cpu
    notifier = INotify::Notifier.new
    notifier.watch(dir, :recursive, *FLAGS) { nil }
    { cpu: cpu - start, rss: rss - before, fd: notifier.fd }
  end

  # Watches all below a directory while others make more of it.
  def nested(dir)
    notifier = INotify::Notifier.new
    files = Set.new
    notifier.watch(dir, :recursive, *FLAGS) do |event|
      @last = now
      files << event.absolute_name if event.name == "f"
    end
    Thread.new { notifier.run }
    step("made")
    sleep(0.1) until @last && now - @last > QUIET
    { files: files.size }
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

puts JSON.generate(Task.public_send(*ARGV))
