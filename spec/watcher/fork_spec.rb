# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "in a process that forks" do
  let(:watcher) { watch }

  before { watcher }

  it "is closed to the child, and says so" do
    expect(forked { [watcher.closed?, watcher.inspect] })
      .to eq [true, "#<Inotify::Watcher of process #{Process.pid}>"]
    expect(watcher).not_to be_closed
  end

  it_behaves_like "belonging to one process", FrontEnds::Watcher,
                  "each" => ->(watcher, _) { watcher.each(&:size) },
                  "take" => ->(watcher, _) { watcher.take(timeout: 0) },
                  "start" => ->(watcher, _) { watcher.start(&:size) },
                  "sync" => ->(watcher, _) { watcher.sync(timeout: 0) },
                  "paths" => ->(watcher, _) { watcher.paths }, "stats" => ->(watcher, _) { watcher.stats },
                  "audit" => ->(watcher, _) { watcher.audit }, "to_io" => ->(watcher, _) { watcher.to_io },
                  "checkpoint" => ->(watcher, _) { watcher.checkpoint("state") }

  it "closes the child's copy, all its descriptors, without disturbing a parent that waits" do
    waiting = sleeping_thread { watcher.take }
    left = forked { watcher.close || watcher_descriptors }
    touch("a")
    expect([left, short(within { waiting.value })]).to eq [forked { watcher_descriptors } - 5, [[:created, "a"]]]
  end

  it "stops in the child what runs in the parent: nothing" do
    watcher.start(&:size)
    expect(forked { within { watcher.stop && :stopped } }).to eq :stopped
    expect(within { watcher.stop }).to be watcher
  end

  it "gives the child a watcher of its own, which closes whatever becomes of the parent's" do
    reported = forked do
      within do
        own = Inotify::Watcher.new(dir, debounce: 0.01)
        @watchers = @watcher = nil
        watcher.close
        3.times { GC.start }
        touch("a")
        [short(own.take), own.close]
      end
    end
    expect([reported, reported(watcher)]).to eq [[[[:created, "a"]], nil], [[:created, "a"]]]
  end

  it "closes watchers of a child's own after the parent's were collected there" do
    expect(ruby(<<~RUBY)).to eq "[true, true, true]"
      def drop_in_child
        Array.new(10) { Inotify::Watcher.new("#{dir}") }
        fork do
          own = Array.new(10) { Inotify::Watcher.new("#{dir}") }
          5.times { GC.start }
          own.each(&:close)
          exit!(0)
        end
      end
      p(Array.new(3) { Process.wait2(drop_in_child).last.success? })
    RUBY
  end

  it "refuses the parent's changes to a child that goes on in the block" do
    reported = ruby(<<~RUBY).lines(chomp: true)
      watcher = Inotify::Watcher.new("#{dir}", debounce: 0.01)
      File.write("#{dir}/a", "")
      begin
        watcher.each do |changes|
          break if (pid = fork) && File.write("#{dir}/b", "") && Process.wait(pid)
        end
        found = []
        found.concat(watcher.take.map { |change| File.basename(change.path) }) until found.include?("b")
        puts "parent"
      rescue IOError => e
        puts e.message
      end
    RUBY
    expect(reported).to match [/\Athis .* open a new one after fork\z/, "parent"]
  end

  it "ends a child that only exits, quietly and at once" do
    expect(ruby(<<~RUBY)).to eq "true"
      watcher = Inotify::Watcher.new("#{dir}")
      watcher.start {}
      stop = false
      busy = Thread.new { File.write("#{dir}/busy", "") until stop }
      results = Array.new(10) { Process.wait2(fork { at_exit { GC.start } }).last.success? }
      stop = true
      p results.all?
    RUBY
  end
end
