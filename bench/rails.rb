# frozen_string_literal: true

# Compares what Rails can have as its file watcher, in the application of spec/rails/app:  ruby bench/rails.rb [ROUNDS]
# Needs Rails, Puma and sqlite3, and listen for the evented one (Debian: ruby-railties, ruby-activerecord, puma,
# ruby-sqlite3, ruby-listen). The watchers of a round follow each other, in another order each round. All are medians.

require "tmpdir"
require_relative "lib/statistics"
require_relative "../spec/support/children"
require_relative "../spec/support/descriptor_leaks"
require_relative "../spec/support/program"
require_relative "../spec/support/rails_server"

module Bench
  # One watcher's server, and what it does.
  class RailsWatcher
    SAVES = 15
    # Beside those of the application.
    FILES = [0, 2_000].freeze
    COLUMNS = ["watcher", "inotify instances", "descriptors", "threads", "all `updated?`, µs", "with 2,000 files, µs",
               "save to fresh response, ms", "with 2,000 files, ms", "saves with a stale response"].freeze

    def initialize(name)
      @name = name
      @figures = Hash.new { |hash, key| hash[key] = [] }
    end

    def measure
      FILES.each { |files| Dir.mktmpdir { |dir| serve(prepare(dir, files), files) } }
    end

    def row
      counts = %i[instances descriptors threads].map { |key| median(key).round }
      times = %w[updated fresh].product(FILES).map { |words| format("%.1f", median(words.join(" "))) }
      [@name, *counts, *times, format("%d %%", median(:stale_share) * 100)].join(" | ")
    end

    private

    def median(key) = Statistics.median(@figures[key])

    # The application with so many more files, twenty to a directory.
    def prepare(dir, files)
      RailsServer.copy(dir)
      files.times do |number|
        path = File.join(dir, "app/models/part#{number / 20}")
        FileUtils.mkdir_p(path)
        File.write(File.join(path, "file#{number}.rb"), "")
      end
      dir
    end

    def serve(dir, files)
      @figures["updated #{files}"] << updated(dir)
      RailsServer.serve(dir, watcher: @name) do |server|
        server.get("/post")
        count(server.program.pid) if files.zero?
        view = File.join(dir, "app/views/posts/show.html.erb")
        note(files, Array.new(SAVES) { |number| save(server, view, number) })
      end
    end

    def note(files, saves)
      @figures["fresh #{files}"] << (Statistics.median(saves.map(&:first)) * 1000)
      @figures[:stale_share] << saves.count { |_, stale| stale.positive? }.fdiv(SAVES)
    end

    def count(pid)
      targets = Dir.children("/proc/#{pid}/fd").filter_map { |fd| DescriptorLeaks.target(fd, pid) }
      @figures[:instances] << targets.count("anon_inode:inotify")
      @figures[:descriptors] << targets.size
      @figures[:threads] << Dir.children("/proc/#{pid}/task").size
    end

    # Seconds from a save to the response that shows it, and how many stale ones came before.
    def save(server, view, number)
      # Two saves of one tick of the kernel's clock would be one to who compares times.
      sleep(0.05)
      File.write(view, "view: #{number}\n")
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      stale = 0
      stale += 1 until server.get("/post").body.include?("view: #{number}\n")
      [Process.clock_gettime(Process::CLOCK_MONOTONIC) - start, stale]
    end

    # Microseconds that all checkers of the application take to answer, when nothing happened.
    def updated(dir)
      command = Program.ruby("-W0", "-I", Children::LIB, File.expand_path("rails/updated.rb", __dir__))
      result = Program.run({ "RAILS_ENV" => "development", "FILE_WATCHER" => @name }, *command, chdir: dir, limit: 120)
      abort result.err unless result.status.success?
      Float(result.out)
    end
  end
end

watchers = %w[Inotify::FileUpdateChecker ActiveSupport::FileUpdateChecker ActiveSupport::EventedFileUpdateChecker]
watchers = watchers.map { |name| Bench::RailsWatcher.new(name) }
Integer(ARGV.fetch(0, 3)).times { |round| watchers.rotate(round).each(&:measure) }
puts Bench::RailsWatcher::COLUMNS.join(" | "), watchers.map(&:row)
