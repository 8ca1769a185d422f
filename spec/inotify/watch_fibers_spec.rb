# frozen_string_literal: true

RSpec.describe Inotify, ".watch under a Fiber scheduler" do
  let(:fd) { watching(:create) }
  let(:log) { [] }

  before { fd }

  # Runs the block, which makes fibers, and fails the example if they do not end.
  def scheduled(&block) = within { MinimalScheduler.run(&block) }

  it "lets other fibers run while one waits" do
    scheduled do
      Fiber.schedule { Inotify.watch(fd) { |event| log << event.name } }
      Fiber.schedule do
        log << :other
        touch("a")
      end
    end
    expect(log).to eq [:other, "a"]
  end

  it "waits through the scheduler's io_wait" do
    waits = scheduled do
      Fiber.schedule { Inotify.watch(fd) { |event| event } }
      touch("a")
      Fiber.scheduler.waits
    end
    expect(waits.map(&:first)).to eq [fd]
  end

  it "does not wait when there is an event" do
    touch("a")
    waits = scheduled do
      Fiber.schedule { Inotify.watch(fd) { |event| event } }
      Fiber.scheduler.waits
    end
    expect(waits).to eq []
  end

  it "answers 0 after its timeout" do
    scheduled { Fiber.schedule { log << Inotify.watch(fd, timeout: 0.02) { raise "an event" } } }
    expect(log).to eq [0]
  end

  it "waits as long as its timeout" do
    took = seconds { scheduled { Fiber.schedule { Inotify.watch(fd, timeout: 0.05) { raise "an event" } } } }
    expect(took).to be_between(0.05, Waiting::LIMIT)
  end

  it "lets others run during its timeout" do
    scheduled do
      Fiber.schedule { log << Inotify.watch(fd, timeout: 0.05) { raise "an event" } }
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, 0]
  end

  it "ends at Timeout.timeout" do
    scheduled do
      Fiber.schedule do
        Timeout.timeout(0.02) { Inotify.watch(fd) { raise "an event" } }
      rescue Timeout::Error => e
        log << e.class
      end
    end
    expect(log).to eq [Timeout::Error]
  end

  it "loses nothing at Timeout.timeout" do
    scheduled do
      Fiber.schedule do
        Timeout.timeout(0.01) { Inotify.watch(fd) { raise "an event" } }
      rescue Timeout::Error
        touch("a")
      end
    end
    expect(names(fd)).to eq ["a"]
  end

  it "never waits on an IN_NONBLOCK descriptor" do
    waits = scheduled do
      number = inotify(Inotify::Flags::IN_NONBLOCK)
      Fiber.schedule { log << Inotify.watch(number) { raise "an event" } }
      Fiber.scheduler.waits
    end
    expect([log, waits]).to eq [[0], []]
  end

  it "waits in many fibers for different descriptors" do
    fds = Array.new(10) { |number| watching(:create, of: path(number.to_s).tap { |made| Dir.mkdir(made) }) }
    scheduled do
      fds.each { |number| Fiber.schedule { log.concat(batch(number).map(&:name)) } }
      Fiber.schedule { 10.times { |number| File.write(path("#{number}/in #{number}"), "") } }
    end
    expect(log).to match_array(Array.new(10) { |number| "in #{number}" })
  end

  it "gives each event once when several fibers wait for one descriptor" do
    scheduled do
      3.times { Fiber.schedule { log.concat(batch(fd).map(&:name)) } }
      Fiber.schedule do
        3.times do |number|
          touch("file #{number}")
          sleep(0.001)
        end
      end
    end
    expect(log).to match_array(["file 0", "file 1", "file 2"])
  end

  it "ends with EBADF when another fiber closes the descriptor" do
    scheduled do
      Fiber.schedule do
        Inotify.watch(fd) { raise "an event" }
      rescue Errno::EBADF => e
        log << e.class
      end
      Fiber.schedule { Inotify.close(fd) }
    end
    expect([log, open?(fd)]).to eq [[Errno::EBADF], false]
  end

  it "ends with EBADF when another thread closes the descriptor" do
    scheduled do
      Fiber.schedule do
        Inotify.watch(fd) { raise "an event" }
      rescue Errno::EBADF => e
        log << e.class
      end
      Thread.new { Inotify.close(fd) }.join
    end
    expect([log, open?(fd)]).to eq [[Errno::EBADF], false]
  end

  it "lets its block wait" do
    touch("a", "b")
    scheduled do
      Fiber.schedule do
        Inotify.watch(fd) do |event|
          sleep(0.001)
          log << event.name
        end
      end
      Fiber.schedule { log << :other }
    end
    expect(log).to eq [:other, "a", "b"]
  end

  it "works with next of an Enumerator" do
    touch("a")
    scheduled { Fiber.schedule { log << Inotify.watch(fd).next.name } }
    expect(log).to eq ["a"]
  end

  it "works where the async gem schedules" do
    skip "needs the async gem" if Gem::Specification.find_all_by_name("async").empty?

    output = ruby(<<~'RUBY')
      require "async"
      dir = Dir.mktmpdir
      at_exit { Dir.rmdir("#{dir}/a"); Dir.rmdir(dir) }
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      Async do |task|
        task.async { Inotify.watch(fd) { |event| puts event.name } }
        task.async { puts "other"; Dir.mkdir("#{dir}/a") }
      end
    RUBY
    expect(output.lines(chomp: true).last(2)).to eq %w[other a]
  end
end
