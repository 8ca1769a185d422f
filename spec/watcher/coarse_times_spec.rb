# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "on a file system whose times have whole seconds", queue_limit: true do
  it "reports what was modified when events were lost" do
    expect(ruby_with_coarse_times(<<~RUBY)).to eq ["true", "[]"]
      files = Array.new(20) { |number| File.open(number.to_s, "w") }
      watcher = QueueLimit.with_queue_of(2) { Inotify::Watcher.new(".", debounce: 0) }
      early_in_a_second
      File.write("first", "")
      watcher.sync && watcher.take(timeout: 0)
      Stops.while_stopped do
        50.times { |number| File.write("noise\#{number % 3}", "") }
        files.each { |file| file.syswrite("x") }
      end
      found = 2.times.flat_map { watcher.sync && watcher.take(timeout: 0) }
      p watcher.stats[:overflows].positive?
      p files.map { |file| "./\#{file.path}" } - found.select { |it| it.type == :modified }.map(&:path)
    RUBY
  end
end
