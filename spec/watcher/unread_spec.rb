# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "whose changes nobody takes" do
  # Makes a directory and removes it again, time after time, and has the watcher notice both.
  def come_and_go(watcher, times)
    times.times do |number|
      Dir.mkdir(path(number.to_s))
      within { Thread.pass until watcher.stats[:directories] == 2 }
      Dir.rmdir(path(number.to_s))
      within { Thread.pass until watcher.stats[:directories] == 1 }
    end
  end

  it "asks a callable about the directories that are still there" do
    asked = []
    watcher = watch(ignore: ->(path) { asked.push(path).empty? })
    come_and_go(watcher, 20)
    watcher.take(timeout: 0)
    # The first, and what the first batch reports.
    expect(asked.uniq.size).to be <= 2
  end

  it "reports the directories that still can't be watched" do
    File.chmod(0o777, dir)
    errors = unprivileged do
      errors = []
      watcher = Inotify::Watcher.new(dir, on_error: ->(error) { errors << error.message })
      20.times { |number| Dir.mkdir(path(number.to_s), 0) && watcher.sync && Dir.rmdir(path(number.to_s)) }
      Dir.mkdir(path("last"), 0)
      2.times { watcher.sync && watcher.take(timeout: 0) }
      errors
    end
    expect([errors.size, errors.last]).to match([be <= 2, %r{/last: }])
  end

  it "keeps what is left of them, merged, in memory that does not grow" do
    grown = ruby(<<~RUBY)
      dir = "#{dir}"
      watcher = Inotify::Watcher.new(dir)
      churn = lambda do |times|
        times.times do |number|
          Dir.mkdir("\#{dir}/\#{number}")
          File.write("\#{dir}/\#{number}/file", "")
          File.rename("\#{dir}/\#{number}", "\#{dir}/other")
          File.unlink("\#{dir}/other/file")
          Dir.rmdir("\#{dir}/other")
          File.chmod(0o700, dir)
        end
        watcher.sync
        File.read("/proc/self/status")[/VmRSS:\\s+(\\d+)/, 1].to_i
      end
      before = churn.(300)
      puts churn.(2_000) - before
    RUBY
    expect(grown.to_i).to be < 3_000 # kB
  end
end
