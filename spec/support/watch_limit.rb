# frozen_string_literal: true

# Trees under a limit of watches.
module WatchLimit
  # Returns the lines that a ruby prints that may have so many watches. It has {Watchers} and a directory to itself.
  def limited(watches, script)
    ruby_in_namespace(<<~RUBY).lines(chomp: true)
      require "#{File.join(__dir__, "watchers")}"
      include Watchers
      $dir = File.realpath(Dir.mktmpdir)
      at_exit { close_watchers.then { FileUtils.rm_rf($dir) } }
      def dir = $dir
      def path(name) = File.join(dir, name)
      def limit(watches) = File.write("/proc/sys/user/max_inotify_watches", watches.to_s)
      limit(#{watches})
      #{script}
    RUBY
  end
end

RSpec.configure { |config| config.include WatchLimit }
