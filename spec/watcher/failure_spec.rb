# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "whose thread fails" do
  # Runs a script with `break_it`, which takes the thread's descriptor away.
  def failing(script)
    ruby(<<~RUBY)
      watcher = Inotify::Watcher.new("#{dir}", debounce: 60)
      fd = inotify_fds.first
      system("true")
      null = File.open("/dev/null")
      break_it = -> { IO.for_fd(fd, autoclose: false).reopen(null) }
      #{script}
    RUBY
  end

  it "raises in every wait, and does not spin" do
    expect(failing(<<~RUBY).lines(chomp: true)).to match ["Errno::EINVAL", "Errno::EINVAL", "Errno::EINVAL", "true"]
      waiting = Array.new(2) { Thread.new { Thread.current.report_on_exception = false; watcher.take } }
      Thread.pass until waiting.all?(&:stop?)
      break_it.call
      begin
        watcher.sync
      rescue SystemCallError => e
        puts e.class
      end
      waiting.each { |thread| thread.value rescue puts $!.class }
      watcher.close
      puts watcher.closed?
    RUBY
  end

  it "says that it is a thread that can't be had" do
    skip "only root may become another user" unless Process.uid.zero?
    expect(ruby(<<~RUBY)).to match(/\AErrno::EAGAIN: .* - pthread_create: .*`ulimit -u`\z/)
      become_nobody
      Process.setrlimit(:NPROC, 1)
      begin
        Inotify::Watcher.new("/tmp", recursive: false)
      rescue SystemCallError => e
        puts "\#{e.class}: \#{e.message}"
      end
    RUBY
  end
end
