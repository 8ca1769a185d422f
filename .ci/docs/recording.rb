# frozen_string_literal: true

# Records the command line in two real terminals: docs/recording.svg, and docs/recording-still.svg for who does not play
# it. Run by `rake docs:recording`.

require "tmpdir"
require "fileutils"
require "rbconfig"
require_relative "session"
require_relative "picture"

module Docs
  # What is typed, and where.
  class Recording
    ROOT = File.expand_path("../..", __dir__)
    COLUMNS = 84
    # Of the terminal in which something watches, and of that in which something is done.
    ROWS = [19, 7].freeze
    # Seconds to read a line.
    READING = 1.6
    # What is done, and what is seen then.
    STEPS = { "mkdir -p app/models" => "app/models/", "touch app/models/user.rb" => "user.rb", "mv app lib" => "lib/",
              "rm -r lib" => "deleted" }.freeze
    private_constant :ROOT, :COLUMNS, :ROWS, :READING, :STEPS

    # @param work [String] an empty directory
    def initialize(work)
      bin, shop = %w[bin shop].map { |name| File.join(work, name) }
      make(bin, shop)
      @start = now
      environment = { "PATH" => "#{bin}:#{ENV.fetch("PATH")}" }
      @watching, @working = ROWS.map { |rows| Session.new(rows, COLUMNS, shop, environment, method(:time)) }
      @start = now
      [@watching, @working].each { |session| session.frames.each { |frame| frame.time = 0 } }
    end

    def record
      pause(0.5)
      show_changes
      run_command
      picture = Picture.new([["a terminal", ROWS[0], @watching.frames], ["another terminal", ROWS[1], @working.frames]],
                            COLUMNS, time)
      File.write("#{ROOT}/docs/recording.svg", picture.animated)
      File.write("#{ROOT}/docs/recording-still.svg", picture.still)
    ensure
      @watching.interrupt
      [@watching, @working].each(&:close)
    end

    private

    def make(bin, shop)
      FileUtils.mkdir_p([bin, File.join(shop, "spec")])
      File.write("#{bin}/inotify_rs", "#!/bin/sh\nexec #{RbConfig.ruby} #{ROOT}/exe/inotify_rs \"$@\"\n", perm: 0o755)
      File.write("#{shop}/spec/cart_spec.rb", <<~RUBY)
        RSpec.describe "a cart" do
          it("is empty at first") { expect([]).to be_empty }
        end
      RUBY
    end

    def show_changes
      @watching.type("inotify_rs .", seen: "ready", others: [@working])
      pause(1)
      STEPS.each do |line, seen|
        @working.type(line, seen: seen, others: [@watching])
        pause(READING)
      end
      @watching.interrupt
      pause(1)
    end

    def run_command
      @watching.type("inotify_rs --postpone --exts rb --types written spec -- rspec --force-color {}",
                     seen: "ready", others: [@working])
      pause(1)
      @working.type("echo '# saved' >> spec/cart_spec.rb", seen: "status 0", others: [@watching])
      pause(2 * READING)
    end

    def pause(seconds) = @watching.watch(seconds, @working)

    def time = now - @start

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end

Dir.mktmpdir { |work| Docs::Recording.new(work).record }
