# frozen_string_literal: true

require "open3"
require "rbconfig"
require_relative "waiting"

# Rubies of their own, for what would change or end this process: signals, limits, other users.
module Children
  LIB = File.expand_path("../../lib", __dir__)
  # Seconds, in which any script ends on any machine.
  PATIENCE = 600
  # A user, and a group, without privileges.
  NOBODY = 65_534
  PRELUDE = <<~RUBY.freeze
    $stdout.sync = true
    Warning[:experimental] = false
    require "inotify_rs"
    # A script may begin Ractors, have no descriptor left, or be nobody who may read this checkout.
    Inotify.eager_load!
    require "tmpdir"
    require "timeout"
    %w[tasks kernel_watches].each { |name| require File.join(#{__dir__.dump}, name) }
    include KernelWatches
    LIMIT = #{Waiting::LIMIT}

    def watching_threads = Tasks.watching.size

    def become_nobody
      Process::GID.change_privilege(#{NOBODY})
      Process::UID.change_privilege(#{NOBODY})
    end

    def left_by_watchers = [inotify_fds.size, watching_threads]

    # The descriptors and threads that are left when watchers that nobody holds are collected, and those whose `close` was interrupted have ended.
    # Timeout has a thread, which may have got the stack of one that made a watcher, with what is left there.
    def left_after_collections
      2_000.times { left_by_watchers == [0, 0] ? break : GC.start || sleep(0.01) }
      left_by_watchers
    end
  RUBY

  # The command of a ruby that runs `script`.
  def ruby_command(script, *options)
    [RbConfig.ruby, "-w", "-I#{LIB}", *options, "-e", PRELUDE + script]
  end

  # Runs a script and returns what it printed; fails the example when it does not end well.
  def ruby(script, under: [])
    output, status = Open3.capture2e("timeout", "--foreground", PATIENCE.to_s, *under, *ruby_command(script))
    raise "the child ended with #{status}: #{output}" unless status.success?

    output.chomp
  end

  # Runs a script in a user namespace, whose limits of inotify it may set.
  def ruby_in_namespace(script) = ruby(script, under: %w[unshare -Ur])

  # Runs a script where it may mount, and nobody else sees that. Returns the lines it printed.
  def ruby_mounting(script)
    ruby(<<~RUBY + script, under: %w[unshare -Urm --propagation private]).lines(chomp: true)
      def dir = #{dir.inspect}
      def path(name) = File.join(dir, name)
      def run(*command) = system(*command) || raise(command.join(" "))
    RUBY
  end

  def namespaces? = system("unshare", "-Ur", "true", out: File::NULL, err: File::NULL)

  def mount_namespaces? = system("unshare", "-Urm", "true", out: File::NULL, err: File::NULL)

  # Starts a script that prints a line when it is ready; yields its pid and output, and ends it if it is still there.
  def ruby_running(script)
    IO.popen(ruby_command(script), err: %i[child out]) do |output|
      yield output.pid, output
    ensure
      end_process(output.pid)
    end
  end

  # Runs a script that prints "ready" and then waits; sends it a signal when it sleeps. Returns what it prints then.
  def ruby_signalled(signal, script)
    ruby_running(script) do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      Process.kill(signal, pid)
      within { output.read }
    end
  end

  def end_process(pid)
    Process.kill(:KILL, pid)
  rescue Errno::ESRCH
    # It has ended.
  end

  # Waits until a process sleeps in the kernel.
  def wait_for_process_sleep(pid)
    wait_until { File.read("/proc/#{pid}/stat")[/\) (.)/, 1] == "S" }
  end

  # Runs the block in a forked child, without privileges if this process has any; returns as {forked}.
  def unprivileged
    forked do
      if Process.uid.zero?
        Process::GID.change_privilege(NOBODY)
        Process::UID.change_privilege(NOBODY)
      end
      yield
    end
  end

  # Runs the block in a forked child; returns what it returned or raised.
  def forked(&block)
    reader, writer = IO.pipe
    pid = fork { exit!(report(writer, &block)) }
    writer.close
    reported = reader.read
    Process.wait(pid)
    Marshal.load(reported) # rubocop:disable Security/MarshalLoad
  ensure
    [reader, writer].each(&:close)
  end

  private

  def report(writer)
    result = begin
      yield
    rescue StandardError => e
      e
    end
    writer.write(Marshal.dump(result))
    writer.close
    true
  end
end

# The kernel, or the container, may refuse namespaces.
RSpec.configure do |config|
  config.before(:each, :user_namespace) { skip "needs user namespaces" unless namespaces? }
  config.before(:each, :mount_namespace) { skip "needs mount namespaces" unless mount_namespaces? }
end
