# frozen_string_literal: true

# One watcher of a tree in a process of its own: child.rb PEER DIR OPTIONS, the last as JSON. It tells each step on its
# standard output and waits for a line on its standard input; the last step is what was told, as JSON: `files` are the
# different ones whose name ends with .rb.

require "json"
require "set"
require "rbconfig"

# What each peer is asked for: that it watches, keeps the paths of new files, and comes to an end.
module TreePeers
  FLAGS = %i[create modify delete move close_write attrib].freeze

  # Inotify::Watcher.
  class Watcher
    attr_reader :paths, :changes, :batches

    def initialize
      require "inotify_rs"
      @paths = []
      @changes = @batches = 0
    end

    def watch(dir, **options)
      @watcher = Inotify::Watcher.new(dir, **options)
    end

    def start
      @watcher.start do |changes|
        @batches += 1
        @changes += changes.size
        changes.each { |change| @paths << change.path }
      end
    end

    def settle
      @watcher.sync
      @watcher.stop
    end

    def stats = @watcher.stats
  end

  # rb-inotify as its README says, which goes on after an overflow.
  class RbInotify < Watcher
    def initialize # rubocop:disable Lint/MissingSuper
      require "rb-inotify"
      @paths = []
      @changes = @batches = 0
    end

    def watch(dir, **_options)
      @notifier = INotify::Notifier.new
      @notifier.watch(dir, :recursive, *FLAGS) do |event|
        @changes += 1
        @paths << event.absolute_name
      end
    end

    def start
      Thread.new do
        @notifier.run
      rescue StandardError
        retry
      end
    end

    # It has no end: it is over when nothing comes for a while.
    def settle
      quiet = 0
      while quiet < 4
        before = @changes
        sleep(0.25)
        quiet = @changes == before ? quiet + 1 : 0
      end
    end

    def stats = {}
  end

  # listen as its README says.
  class Listen < RbInotify
    def initialize # rubocop:disable Lint/MissingSuper
      require "listen"
      ::Listen.logger = Logger.new(File::NULL) if ::Listen.respond_to?(:logger=)
      @paths = []
      @changes = @batches = 0
    end

    def watch(dir, **_options)
      @listener = ::Listen.to(dir) do |modified, added, removed|
        @batches += 1
        @changes += modified.size + added.size + removed.size
        @paths.concat(modified, added, removed)
      end
      @listener.start
    end

    def start; end
  end
end

def step(words)
  $stdout.puts words
  $stdout.flush
  $stdin.gets&.chomp || exit
end

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

peer = TreePeers.const_get(ARGV[0]).new
options = JSON.parse(ARGV[2], symbolize_names: true)
GC.start
step("loaded")
start = now
peer.watch(ARGV[1], **options)
took = now - start
peer.start
step("ready #{took}")
start = now
peer.settle
took = now - start
files = peer.paths.to_set.count { |path| path.end_with?(".rb") }
step(JSON.generate(took: took, files: files, changes: peer.changes, batches: peer.batches, stats: peer.stats))
