# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "idle" do
  # The watched directory is deeper than where others make and remove files.
  before { make("deep/a/b/c" => "1", "deep/file" => "1") }

  it_behaves_like "costing nothing while nothing happens", FrontEnds::Watcher,
                  "each" => "source.each {}", "take" => "loop { source.take(timeout: 10_000) }"

  {
    "after start and stop" => "watcher.start {} && watcher.stop && watcher.take(timeout: 10_000)",
    "that runs in a thread" => "watcher.start {} && sleep", "that nobody asks" => "sleep",
    "with changes that nobody takes" => "File.write('new', '') && sleep",
    "after much has happened" =>
      "system('mkdir -p x/y && mv x z && rm -rf z a && mkdir a') && watcher.take && watcher.sync && watcher.each {}"
  }.each do |name, waiting|
    it "costs nothing #{name}" do
      expect_idle_ruby(<<~RUBY)
        Dir.chdir("#{dir}/deep")
        watcher = Inotify::Watcher.new(".", "file", debounce: 0.01)
        puts "ready"
        #{waiting}
      RUBY
    end
  end
end
