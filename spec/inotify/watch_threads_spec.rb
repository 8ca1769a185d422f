# frozen_string_literal: true

RSpec.describe Inotify, ".watch in several threads" do
  it_behaves_like "waits of threads", FrontEnds::Calls

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
