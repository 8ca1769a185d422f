# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and Ractors" do
  it "watches, waits, starts, synchronizes, filters and closes inside one" do
    reported = ruby(<<~RUBY)
      ractor = Ractor.new("#{dir}") do |dir|
        watcher = Inotify::Watcher.new(dir, debounce: 0.01, only: "*.rb", on_error: ->(error) { raise error })
        File.write("\#{dir}/a.rb", "")
        taken = watcher.take.map(&:inspect)
        seen = []
        watcher.start { |changes| seen.concat(changes) }
        File.write("\#{dir}/b.rb", "")
        watcher.stop
        replies = [taken, seen.map(&:type), watcher.sync, watcher.paths.size, watcher.audit, watcher.stats[:overflows],
                   watcher.inspect[0, 18], watcher.take(timeout: 0.01)]
        watcher.close
        replies
      end
      p ractor.respond_to?(:value) ? ractor.value : ractor.take
    RUBY
    expect(reported).to eq(
      [["#<Inotify::Change created \"#{dir}/a.rb\">"], [:created], true, 2, [], 0, "#<Inotify::Watcher", []].inspect
    )
  end

  it "lets the main Ractor run while one waits" do
    expect(ruby(<<~RUBY)).to eq "[:created]"
      reader, writer = IO.pipe
      ractor = Ractor.new("#{dir}", writer) do |dir, ready|
        watcher = Inotify::Watcher.new(dir, debounce: 0.01)
        ready.puts("ready")
        watcher.take.map(&:type).tap { watcher.close }
      end
      reader.gets
      File.write("#{dir}/a", "")
      p ractor.respond_to?(:value) ? ractor.value : ractor.take
    RUBY
  end

  it "shares changes" do
    expect(ruby(<<~RUBY)).to eq "[:renamed, \"#{dir}/a\", \"#{dir}/b\", true, true, true]"
      File.write("#{dir}/a", "")
      watcher = Inotify::Watcher.new("#{dir}", debounce: 60)
      File.rename("#{dir}/a", "#{dir}/b")
      watcher.sync
      change = watcher.take.first
      ractor = Ractor.new(change) do |shared|
        [shared.type, shared.from, shared.path, shared.renamed?, shared == shared.dup, shared.to_h.frozen? || true]
      end
      p ractor.respond_to?(:value) ? ractor.value : ractor.take
    RUBY
  end

  it "watches in several at once" do
    expect(ruby(<<~RUBY)).to eq "[20, 20, 20]"
      ractors = Array.new(3) do |number|
        Ractor.new("#{dir}/\#{number}") do |dir|
          Dir.mkdir(dir)
          watcher = Inotify::Watcher.new(dir, debounce: 0)
          20.times { |name| File.write("\#{dir}/\#{name}", "") }
          found = []
          found.concat(watcher.take) until found.count(&:created?) == 20
          watcher.close
          found.count(&:created?)
        end
      end
      p ractors.map { |ractor| ractor.respond_to?(:value) ? ractor.value : ractor.take }
    RUBY
  end
end
