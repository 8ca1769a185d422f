# frozen_string_literal: true

# A million events by default; INOTIFY_RS_MEMORY_EVENTS=10000000 takes some minutes.
RSpec.describe Inotify, "and memory" do
  let(:total) { Integer(ENV.fetch("INOTIFY_RS_MEMORY_EVENTS", "1000000")) }

  # Memory in KiB after each tenth of `total` events of a file that is opened and closed.
  def memory(delivery)
    ruby(<<~RUBY).split.map { |line| Integer(line) }
      rss = -> { File.read("/proc/self/smaps_rollup")[/^Rss: +(\\d+)/, 1] }
      Dir.mktmpdir do |dir|
        file = File.join(dir, "a name of some length")
        File.write(file, "")
        #{delivery}
        10.times do
          (#{total} / 80_000).times do
            4_000.times { File.new(file).close }
            nil while deliver.call.positive?
          end
          puts rss.call
        end
      end
    RUBY
  end

  {
    "Inotify.watch" => <<~RUBY,
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :open, :close_nowrite)
      kept = []
      deliver = -> { Inotify.watch(fd, timeout: 0) { |event, name| kept[rand(1_000)] = [event, name] } }
    RUBY
    "Instance#read" => <<~RUBY
      instance = Inotify::Instance.new
      instance.add_watch(dir, :open, :close_nowrite)
      deliver = -> { instance.read(timeout: 0).each(&:path).size }
    RUBY
  }.each do |call, delivery|
    it "does not grow with the events that #{call} gives", :slow do
      memory = memory(delivery)
      # The collector has found its size after the first fifth.
      expect(memory.drop(2).max - memory[1]).to be < 2_048
    end
  end
end
