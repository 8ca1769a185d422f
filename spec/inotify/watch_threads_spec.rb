# frozen_string_literal: true

RSpec.describe Inotify, ".watch in several threads" do
  it "gives each thread the events of its own descriptor" do
    fds = Array.new(8) { |number| watching(:create, of: path(number.to_s).tap { |made| Dir.mkdir(made) }) }
    readers = fds.map { |fd| sleeping_thread { batch(fd).map(&:name) } }
    8.times { |number| File.write(path("#{number}/in #{number}"), "") }
    expect(within { readers.map(&:value) }).to eq(Array.new(8) { |number| ["in #{number}"] })
  end

  it "gives each event of one descriptor to one thread alone", :slow do
    fd = watching(:create)
    seen = Thread::Queue.new
    readers = Array.new(4) { sleeping_thread { loop { Inotify.watch(fd) { |event| seen << event.name } } } }
    touch_many(1_000)
    wait_until { seen.size >= 1_000 }
    readers.each { |reader| reader.kill.join }
    expect(Array.new(seen.size) { seen.pop }.sort).to eq(Array.new(1_000) { |number| format("%05d", number) })
  end

  it "lets one thread take the rest while another is in its block" do
    fd = watching(:create)
    touch("a", "b", "c")
    entered = Thread::Queue.new
    go_on = Thread::Queue.new
    slow = Thread.new { Inotify.watch(fd) { |event| (entered << event.name) && go_on.pop } }
    first = within { entered.pop }
    rest = names(fd)
    go_on << true
    expect([first, rest, within { slow.value }]).to eq ["a", %w[b c], 1]
  end

  it "makes, watches and closes in many threads at once", :slow do
    Dir.mkdir(path("shared"))
    threads = Array.new(8) do |number|
      Thread.new do
        Array.new(20) do |round|
          fd = Inotify.init
          wd = Inotify.add_watch(fd, path("shared"), :create)
          File.write(path("shared/#{number}-#{round}"), "")
          seen = names(fd)
          Inotify.rm_watch(fd, wd)
          Inotify.close(fd)
          seen.include?("#{number}-#{round}")
        end.all?
      end
    end
    expect(within { threads.map(&:value) }).to all be true
  end
end
