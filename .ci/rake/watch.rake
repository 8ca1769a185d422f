# frozen_string_literal: true

desc "Show what happens in DIR (the temporary directory) until Ctrl-C"
task watch: :compile do
  require "tmpdir"
  dir = ENV.fetch("DIR", Dir.tmpdir)
  $stdout.sync = true
  puts "Watching #{dir} until Ctrl-C. Try `touch #{File.join(dir, "hello")}` in another terminal."
  exec RbConfig.ruby, "examples/watch.rb", dir
end
