# frozen_string_literal: true

RSpec.describe Inotify::Instance, "in threads" do
  it_behaves_like "waits of threads", FrontEnds::Instance

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
