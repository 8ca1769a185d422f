# frozen_string_literal: true

RSpec.describe "INotify::Notifier#watch with :recursive, of a large tree" do
  def grow(count) = count.times { |number| FileUtils.mkdir_p(path("#{number % 20}/#{number}")) }

  # Watches the tree in a thread that an exception is raised in meanwhile. Returns that exception.
  def interrupted_watch(notifier)
    within do
      Thread.handle_interrupt(Interruptions::Left => :never) do
        Thread.current.raise(Interruptions::Left)
        Thread.handle_interrupt(Interruptions::Left => :on_blocking) { notifier.watch(dir, :recursive, :create) }
      end
    end
  rescue Interruptions::Left => e
    e
  end

  it "lets other threads run meanwhile" do
    grow(1000)
    turns = 0
    other = Thread.new { loop { (turns += 1) && Thread.pass } }
    wait_until { turns.positive? }
    # A thread that keeps the VM lock leaves it one or two turns, before and after. Under load it may have no more.
    most = Array.new(20) do
      before = turns
      new_notifier.watch(dir, :recursive, :create)
      turns - before
    end.max
    other.kill.join
    expect(most).to be > 5
  end

  it "watches nothing when it is interrupted, and all of it the next time" do
    grow(100)
    notifier = roomy_notifier
    expect(interrupted_watch(notifier)).to be_a(Interruptions::Left)
    expect(directory_wds(notifier) + notifier.watchers.keys).to eq([])
    notifier.watch(dir, :recursive, :create)
    expect(notifier.watchers.size).to eq(1 + 20 + 100)
  end

  it "reports what happens in another tree meanwhile" do
    grow(1000)
    Dir.mkdir(elsewhere = path("elsewhere"))
    notifier = roomy_notifier
    names = Queue.new
    notifier.watch(elsewhere, :recursive, :create) { |event| names << event.name }
    reader = Thread.new { notifier.run }
    watching = Thread.new { 20.times { |number| notifier.watch(path(number.to_s), :recursive, :create) } }
    File.write(File.join(elsewhere, "file"), "")
    expect(within { names.pop }).to eq("file")
    within { watching.join }
    within { notifier.stop }
    reader.join
    expect(notifier.watchers.size).to eq(1 + 20 + 1000)
  end
end
