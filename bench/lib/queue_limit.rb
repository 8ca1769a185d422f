# frozen_string_literal: true

module Bench
  # The sysctl that says how many events a queue holds. A queue keeps the value it was made with.
  module QueueLimit
    FILE = "/proc/sys/fs/inotify/max_queued_events"
    SIGNALS = %w[INT TERM HUP QUIT].freeze

    module_function

    def value = Integer(File.read(FILE))

    def writable? = File.writable?(FILE)

    # Raises it while the block makes a queue. It is restored however the block or this process ends, SIGKILL excepted.
    def raised_to(events)
      return yield if value >= events

      guard
      @before = value
      begin
        File.write(FILE, events.to_s)
        yield
      ensure
        restore
      end
    end

    def restore
      File.write(FILE, @before.to_s) if @before
      @before = nil
    end

    # Once and for all: signals end this process the way `exit` does.
    def guard
      @guard ||= at_exit { restore } && SIGNALS.each { |signal| trap(signal) { exit(1) } }
    end
    private_class_method :guard
  end
end
