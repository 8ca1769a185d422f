# frozen_string_literal: true

RSpec.describe Inotify::Instance, "in threads" do
  it "lets other threads run while one waits" do
    instance = instance_watching(:create)
    waiting = sleeping_thread { instance.read }
    counted = 0
    100_000.times { counted += 1 }
    touch("a")
    expect([counted, within { waiting.value }.size]).to eq [100_000, 1]
  end

  it "keeps several instances on several threads apart" do
    dirs = Array.new(8) { |number| path(number.to_s).tap { |made| Dir.mkdir(made) } }
    threads = dirs.map do |of|
      instance = instance_watching(:create, of: of)
      Thread.new { instance.first(100).map(&:path) }
    end
    100.times { |number| dirs.each { |of| File.write("#{of}/#{number}", "") } }
    expected = dirs.map { |of| Array.new(100) { |number| "#{of}/#{number}" } }
    expect(within { threads.map(&:value) }).to eq expected
  end

  it "gives each event to one of the threads that share an instance" do
    instance = instance_watching(:create)
    names = Thread::Queue.new
    threads = Array.new(6) { Thread.new { instance.each { |event| names << event.name } } }
    touch_many(1_000)
    wait_until { names.size == 1_000 }
    instance.close
    within { threads.each(&:join) }
    expect(Array.new(names.size) { names.pop }.sort).to eq(Array.new(1_000) { |number| format("%05d", number) })
  end

  it "adds watches while another thread waits" do
    instance = new_instance
    waiting = sleeping_thread { instance.read }
    instance.add_watch(dir, :create)
    touch("a")
    expect(within { waiting.value }.map(&:path)).to eq [path("a")]
  end

  it "watches /dev/null like any other file while it waits without watches" do
    instance = new_instance
    waiting = sleeping_thread { instance.first }
    watch = instance.add_watch(File::NULL, :open, :mask_create)
    File.open(File::NULL, &:itself)
    expect(within { waiting.value }).to have_attributes(watch: watch, path: File::NULL)
    expect(kernel_wds(instance.fileno)).to eq [watch.wd]
  end

  it "leaves no watch of its own behind a wait without watches" do
    instance = new_instance
    expect(instance.read(timeout: 0.01)).to eq []
    expect([kernel_wds(instance.fileno), instance.events_waiting?, selected?(instance)]).to eq [[], false, false]
  end

  # Rubies before 3.3 have no such threads.
  it "lets two threads read one instance, and two one each, where threads share native ones" do
    expect(ruby(<<~RUBY, under: %w[env RUBY_MN_THREADS=1])).to eq "[20, 20]"
      numbers = [[0, 0], [0, 1]].map do |readers|
        instances = readers.uniq.map { |number| [number, Inotify::Instance.new] }.to_h
        dirs = instances.map { |number, instance| [number, Dir.mktmpdir.tap { |dir| instance.add_watch(dir, :create) }] }
        seen = Queue.new
        threads = readers.map do |number|
          Thread.new { loop { instances[number].read.each { |event| seen << event.name } } }
        end
        20.times { |number| File.write("\#{dirs[number % dirs.size][1]}/\#{number}", "") && Thread.pass }
        count = Array.new(20) { seen.pop }.size
        threads.each { |thread| thread.kill.join }
        dirs.each { |_, dir| FileUtils.rm_rf(dir) }
        count
      end
      p numbers
    RUBY
  end
end
