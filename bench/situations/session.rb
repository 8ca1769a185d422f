# frozen_string_literal: true

require "fileutils"
require "pty"
require "tmpdir"
require_relative "processes"

module Bench
  # A peer that runs a script after changes in a directory, in a terminal of its own. The script writes to a log beside
  # the directory. Every wait has a limit.
  class Session
    include Processes

    # Seconds that anything may take on a busy machine.
    LIMIT = 30
    # Seconds without a run that mean that none follows.
    QUIET = 1.5

    # Raised when the peer does not do what a user expects.
    class Wrong < StandardError
    end

    attr_reader :dir, :pid

    # Yields a session; ends what is left of it.
    def self.open
      session = new
      yield session
    ensure
      session.close
    end

    def initialize
      @base = File.realpath(Dir.mktmpdir("situation"))
      @dir = File.join(@base, "tree")
      @log = File.join(@base, "log")
      @text = +""
      Dir.mkdir(@dir)
      File.write(@log, "")
      write("file.txt", "0")
    end

    # Each run writes `begin PID`, then does the body, in which $log is the log.
    def script(body)
      path = File.join(@base, "script")
      File.write(path, "log=#{@log}\necho \"begin $$\" >>\"$log\"\ncd #{@dir} || exit\n#{body}\n")
      path
    end

    # Starts the peer, and reads what it prints.
    def start(command)
      @screen, @keyboard, @pid = PTY.spawn({ "TERM" => "xterm" }, *command, chdir: @base)
      @reader = Thread.new { read }
    end

    # Starts the peer, and waits for a run.
    def begin(command)
      start(command)
      wait_for_run
    end

    # Waits for another run. Some peers need a change for that, or are not ready yet, or wait for quiet.
    def wait_for_run(before = 0)
      changed = 0
      until_true("it does not run") do
        change && changed = now if now > changed + 3
        runs > before
      end
    end

    # Starts the peer, and waits until it runs for a change and is quiet.
    def watch(command)
      self.begin(command)
      settle
      wait_for_run(runs)
      settle
    end

    # Changes the file that is always there.
    def change = write("file.txt", rand.to_s)

    def path(name) = File.join(@dir, name)

    def write(name, text) = File.write(path(name), text)

    def type(keys) = @keyboard.write(keys)

    # What the terminal shows.
    def shows?(text) = @text.include?(text)

    def log = File.read(@log, encoding: "BINARY")

    # How often the script began.
    def runs = log.scan(/^begin /).size

    # Numbers that the script wrote after a word.
    def pids(word = "begin") = log.scan(/^#{word} (\d+)/).flatten.map(&:to_i)

    # Waits until the block is true.
    def until_true(message, limit = LIMIT)
      deadline = now + limit
      until yield
        raise Wrong, message if now > deadline

        sleep(0.05)
      end
    end

    # Waits until nothing runs for a while.
    def settle
      until_true("its runs do not end") { quiet?(QUIET) }
    end

    # Does something, after which the script must run.
    def expect_run(message)
      before = runs
      yield
      until_true(message) { runs > before }
      settle
    end

    # Does something, after which the script must not run.
    def expect_no_run(message)
      before = runs
      yield
      raise Wrong, message unless quiet?(QUIET) && runs == before
    end

    # Waits for its end.
    #
    # @return [Process::Status]
    def wait
      until_true("it does not end") { @status ||= Process.wait2(@pid, Process::WNOHANG)&.last }
      @status
    end

    # Kills the processes of a program below the shell that started it.
    def kill_program(name)
      descendants.each { |pid| kill(pid) if pid != @pid && command_line(pid).include?(name) }
    end

    # Ends everything that the session has started.
    def close
      pids = [@pid, *descendants]
      [@keyboard, @screen].compact.each(&:close)
      pids.compact.each { |pid| kill(pid) }
      Process.wait(@pid) if @pid && !@status
      @reader&.join(1)
      FileUtils.rm_rf(@base)
    end

    private

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def quiet?(seconds)
      before = log
      sleep(seconds)
      log == before
    end

    def read
      loop { @text << @screen.readpartial(4096) }
    rescue SystemCallError, IOError
      # It is closed.
    end

    # Processes whose command line or working directory is below the base.
    def descendants
      Dir.children("/proc").grep(/\A\d+\z/).map(&:to_i).select do |pid|
        pid != Process.pid && (command_line(pid).include?(@base) || working_directory(pid).start_with?(@base))
      end
    end
  end
end
