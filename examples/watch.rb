# frozen_string_literal: true

# Prints what happens to a file, or in a directory, until Ctrl-C:  ruby examples/watch.rb PATH

$LOAD_PATH.unshift File.expand_path("../lib", __dir__)
require "inotify_rs"

path = ARGV.fetch(0) { abort "usage: #{$PROGRAM_NAME} PATH" }

# Whoever reads along sees each event as it happens.
$stdout.sync = true

begin
  fd = Inotify.init(Inotify::Flags::IN_CLOEXEC)
  wd = Inotify.add_watch(fd, path, Inotify::Flags::IN_ALL_EVENTS)

  while wd
    Inotify.watch(fd) do |event, name|
      puts "wd: #{event[:wd]}, mask: 0x#{event[:mask].to_s(16)}, cookie: #{event[:cookie]}, len: #{event[:len]}, " \
           "name: #{name.inspect}"
      # PATH is gone, and its watch with it.
      wd = nil if event.ignored?
    end
  end
rescue Errno::EPIPE
  # Whoever read along has left: `ruby examples/watch.rb PATH | head`.
rescue SystemCallError => e
  abort "#{$PROGRAM_NAME}: #{e.message}"
rescue SignalException
  # Ctrl-C or SIGTERM: the end of the program, and no error.
ensure
  Inotify.rm_watch(fd, wd) if wd
  Inotify.close(fd) if fd
end
