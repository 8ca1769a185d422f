# frozen_string_literal: true

# Uses the installed gem, not the checkout: a new file must be reported.
require "inotify_rs"
require "tmpdir"

library = $LOADED_FEATURES.grep(/inotify_rs\.so/).first
abort "not the installed gem: #{library}" if library.start_with?(File.expand_path("..", __dir__))

Dir.mktmpdir do |dir|
  watcher = Inotify::Watcher.new(dir)
  File.write(File.join(dir, "hello"), "")
  changes = watcher.take(timeout: 60)
  abort "no change was reported" unless changes.any? { |change| change.path.end_with?("/hello") }
  watcher.close
end
puts "#{RUBY_VERSION}: #{library}"
