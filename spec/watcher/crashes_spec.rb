# frozen_string_literal: true

# A consumer that is killed at random moments and goes on from its last checkpoint. INOTIFY_RS_CRASHES sets how often;
# the seed is that of RSpec.
RSpec.describe Inotify::Watcher, "with a consumer that is killed again and again" do
  rounds = Integer(ENV.fetch("INOTIFY_RS_CRASHES", "12"))
  # The longest life of a consumer, in seconds.
  life = 0.08

  let(:inbox) { path("inbox") }
  let(:log) { path("log") }
  let(:random) { Random.new(RSpec.configuration.seed) }
  # Each content is another one.
  let(:serial) { (1..).each }

  let(:operations) do
    {
      write: -> { File.write("#{inbox}/#{name}", serial.next.to_s) },
      save: lambda do
        File.write(path("temporary"), serial.next.to_s)
        File.rename(path("temporary"), "#{inbox}/#{name}")
      end,
      move: -> { File.rename("#{inbox}/#{name}", "#{inbox}/#{name}") },
      remove: -> { File.unlink("#{inbox}/#{name}") },
      make: -> { FileUtils.mkdir_p("#{inbox}/#{%w[a b a/c].sample(random: random)}") }
    }
  end

  # Reads each reported file into the log, then writes a checkpoint: as an inbox is processed.
  def consume(watcher, changes)
    File.open(log, "ab") do |file|
      changes.each do |change|
        next if change.deleted? || change.directory?

        content = content(change.path)
        file.syswrite("#{content}\n") if content
      end
    end
    watcher.checkpoint(path("state"))
  end

  def content(path)
    File.read(path)
  rescue SystemCallError
    nil
  end

  # Until it is killed; or, at the end, until all is done.
  def consumer(to_end: false)
    fork do
      watcher = Inotify::Watcher.new(inbox, since: path("state"), debounce: 0.001)
      unless to_end
        watcher.each { |changes| consume(watcher, changes) }
        exit!(false)
      end
      2.times { watcher.sync && consume(watcher, watcher.take(timeout: 0)) }
      exit!(true)
    end
  end

  def name = "#{%w[. . a b a/c].sample(random: random)}/#{random.rand(30)}"

  def act
    operations[%i[write write write save move remove make].sample(random: random)].call
  rescue SystemCallError
    # Not every file is there.
  end

  def act_until(deadline)
    act while now < deadline
  end

  it "has every file processed after its last change, at least once" do
    Dir.mkdir(inbox)
    rounds.times do
      pid = consumer
      act_until(now + random.rand(life))
      Process.kill(:KILL, pid)
      Process.wait(pid)
      random.rand(20).times { act }
    end
    expect(within { Process.wait2(consumer(to_end: true)).last }).to be_success
    processed = File.readlines(log, chomp: true)
    left = Dir["#{inbox}/**/*"].select { |path| File.file?(path) }.to_h { |path| [path, File.read(path)] }
    expect(left.reject { |_, content| processed.include?(content) }).to eq({})
    twice = processed.size - processed.uniq.size
    RSpec.configuration.reporter.message("#{processed.size} processed, #{twice} of them again") if rounds > 12
  end
end
