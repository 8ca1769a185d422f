# frozen_string_literal: true

desc "Show what happens in DIR (the temporary directory) until Ctrl-C"
task watch: :compile do
  require "tmpdir"
  dir = ENV.fetch("DIR", Dir.tmpdir)
  command = ["exe/inotify_rs", "--events", dir]
  # Ruby's own buffer does not outlive exec.
  $stdout.sync = true
  puts "Try `touch #{File.join(dir, "hello")}` in another terminal. Until Ctrl-C:", command.join(" ")
  exec RbConfig.ruby, *command
end
