# frozen_string_literal: true

RSpec.describe Inotify::Instance, "in a process that forks" do
  let(:instance) { instance_watching(:create) }
  let(:message) { "this Inotify::Instance belongs to process #{Process.pid}; open a new one after fork" }

  before { instance }

  it_behaves_like "belonging to one process", FrontEnds::Instance,
                  "each" => ->(instance, _) { instance.each(&:wd) },
                  "read" => ->(instance, _) { instance.read(timeout: 0) },
                  "first" => ->(instance, _) { instance.first },
                  "add_watch" => ->(instance, dir) { instance.add_watch(dir, :create) },
                  "watches" => ->(instance, _) { instance.watches },
                  "events_waiting?" => ->(instance, _) { instance.events_waiting? },
                  "to_io" => ->(instance, _) { instance.to_io },
                  "fileno" => ->(instance, _) { instance.fileno }

  it "refuses the child to remove a watch of the parent's" do
    watch = instance.watches.first
    expect(forked { watch.remove }).to be_an(IOError).and have_attributes(message: message)
    touch("a")
    expect([watch.removed?, drain_names(instance)]).to eq [false, ["a"]]
  end

  it "closes the child's copy by its IO without disturbing the parent" do
    io = instance.to_io
    closed = forked { io.close || io.closed? }
    touch("a")
    expect([closed, drain_names(instance)]).to eq [true, ["a"]]
  end

  it "refuses the parent's queue to a child that goes on in the block" do
    reported = ruby(<<~RUBY).lines(chomp: true)
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      File.write("#{dir}/a", "")
      begin
        instance.each do |event|
          break if (pid = fork) && File.write("#{dir}/b", "") && Process.wait(pid)
        end
        puts "parent \#{instance.read.map(&:name)}"
      rescue IOError => e
        puts e.message
      end
    RUBY
    expect(reported).to match [/\Athis .* open a new one after fork\z/, 'parent ["b"]']
  end

  it "puts nothing into the parent's queue when a child leaves the block early" do
    reported = ruby(<<~RUBY)
      instance = Inotify::Instance.new
      instance.add_watch("#{dir}", :create)
      %w[a b].each { |name| File.write("#{dir}/\#{name}", "") }
      pid = instance.each { |_| break fork }
      exit! unless pid
      Process.wait(pid)
      File.write("#{dir}/c", "")
      events = instance.first(2)
      p events.map(&:name), events.map { |event| event.watch.wd }, instance.read(timeout: 0), instance.events_waiting?
    RUBY
    expect(reported.lines(chomp: true)).to eq ['["b", "c"]', "[1, 1]", "[]", "false"]
  end

  it "frees the parent's instance when the parent closes, whatever children are left" do
    fd = instance.fileno
    reader, writer = IO.pipe
    pid = fork do
      writer.close
      reader.read
      exit!(0)
    end
    instance.close
    expect(open?(fd)).to be false
    [reader, writer].each(&:close)
    Process.wait(pid)
  end
end
