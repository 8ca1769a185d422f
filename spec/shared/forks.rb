# frozen_string_literal: true

# A source belongs to one process: it is closed to its children, which refuse `calls`, and loses nothing by them.
RSpec.shared_examples "belonging to one process" do |front_end, calls|
  include front_end

  let(:source) { new_source }

  before { source }

  it "is closed to the child" do
    expect(forked { source.closed? }).to be true
    expect(source).not_to be_closed
  end

  calls.each do |name, call|
    it "refuses #{name} to the child, with a message that says what to do" do
      touch("a")
      error = forked { call.call(source, dir) }
      expect(error).to be_an(IOError).and have_attributes(
        message: "this #{source.class} belongs to process #{Process.pid}; open a new one after fork"
      )
      expect(arrived(source)).to eq ["a"]
    end
  end

  it "closes the child's copy without disturbing a parent that waits" do
    waiting = sleeping_thread { take_names(source) }
    left = forked { close_source(source) || inotify_fds.size }
    touch("a")
    expect([left, within { waiting.value }]).to eq [inotify_fds.size - 1, ["a"]]
  end

  it "gives the child one of its own" do
    names = forked do
      own = new_source
      touch("a")
      [take_names(own), close_source(own)].first
    end
    expect([names, arrived(source)]).to eq [["a"], ["a"]]
  end

  it "loses nothing to children that end, collect garbage and close" do
    children = Array.new(12) do |child|
      fork do
        close_source(source) if child % 3 == 1
        GC.start if child % 3 == 2
        20.times { |number| touch("#{child}.#{number}") }
        exit!(true)
      end
    end
    expect(children.map { |pid| Process.wait2(pid).last.success? }).to all(be(true))
    expect(arrived(source).uniq.size).to eq 240
  end

  it "is not inherited by a program that is run" do
    expect(`ls -l /proc/self/fd`).not_to match(/anon_inode:(inotify|\[eventfd)/)
  end
end
