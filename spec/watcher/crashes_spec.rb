# frozen_string_literal: true

# A consumer that is killed at random moments and goes on from its last checkpoint. INOTIFY_RS_CRASHES sets how often;
# the seed is that of RSpec.
RSpec.describe Inotify::Watcher, "with a consumer that is killed again and again" do
  rounds = Integer(ENV.fetch("INOTIFY_RS_CRASHES", "12"))

  # The consumers write a byte into it for each step.
  let!(:progress) { IO.pipe }
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

  after { progress.each(&:close) }

  # Reads each reported file into the log, then writes a checkpoint: as an inbox is processed. A file that was made and
  # not written yet is not processed: it is modified next.
  def consume(watcher, changes, kind)
    File.open(log, "ab") do |file|
      changes.each do |change|
        next if change.deleted? || change.directory?

        content = content(change.path)
        file.syswrite("#{content} #{kind}\n") unless content.empty?
      end
    end
    step
    watcher.checkpoint(path("state"))
    step
  end

  def content(path)
    File.read(path)
  rescue SystemCallError
    ""
  end

  def step = progress.last.syswrite(".")

  # Until it is killed; or, at the end, until all is done.
  def consumer(to_end: false)
    fork do
      watcher = Inotify::Watcher.new(inbox, since: path("state"), debounce: 0.001)
      step
      consume(watcher, watcher.take(timeout: 0), "first")
      watcher.each { |changes| consume(watcher, changes, "later") } unless to_end
      watcher.sync
      consume(watcher, watcher.take(timeout: 0), "later")
      exit!(true)
    end
  end

  def name = "#{%w[. . a b a/c].sample(random: random)}/#{random.rand(30)}"

  def act
    operations[%i[write write write save move remove make].sample(random: random)].call
  rescue SystemCallError
    # Not every file is there.
  end

  # Changes files, with pauses in which a batch is delivered, until the consumer has taken one more step.
  def act_until_step
    within { random.rand(1..9).times { act } until progress.first.wait_readable(0.003) }
    progress.first.readpartial(1)
  end

  # Kills a consumer wherever it is by then: at its start, in the middle of a batch or of a checkpoint, or between two.
  # Returns its status.
  def kill_a_consumer
    pid = consumer
    random.rand(7).times { act_until_step }
    progress.first.wait_readable(random.rand(0.004))
    Process.kill(:KILL, pid)
    Process.wait2(pid).last.tap { progress.first.read_nonblock(100, exception: false) }
  rescue RuntimeError
    end_process(pid)
    raise
  end

  # The lines whose content was processed before.
  def again(lines)
    before = Set.new
    lines.reject { |content, _| before.add?(content) }
  end

  it "has every file processed after its last change, at least once" do
    Dir.mkdir(inbox)
    rounds.times do
      expect(kill_a_consumer).to be_signaled
      random.rand(20).times { act }
    end
    expect(within { Process.wait2(consumer(to_end: true)).last }).to be_success
    lines = File.readlines(log, chomp: true).map(&:split)
    contents = Dir["#{inbox}/**/*"].select { |path| File.file?(path) }.map { |path| content(path) }
    expect(contents - lines.map(&:first) - [""]).to eq []
    next if rounds <= 12

    repeated = again(lines)
    restarted = repeated.count { |_, kind| kind == "first" }
    RSpec.configuration.reporter.message("#{lines.size} processed, #{repeated.size} of them again: " \
                                         "#{restarted} after a restart, the others as they were changed meanwhile")
  end
end
