# frozen_string_literal: true

RSpec.describe Inotify, "in a process that forks" do
  let(:fd) { watching(:create) }

  it "gives a child the events that happen after the fork" do
    fd
    names = forked do
      touch("a")
      batch(fd).map(&:name)
    end
    expect(names).to eq ["a"]
  end

  it "leaves the parent's queue as it is when a child closes its copy" do
    fd
    forked { Inotify.close(fd) }
    touch("a")
    expect(names(fd)).to eq ["a"]
  end

  it "leaves the parent's waiting thread and its watches alone when a child closes its copy" do
    root = watching(:delete_self, of: "/")
    Inotify.add_watch(root, dir, :create)
    waiting = sleeping_thread { batch(root).map(&:name) }
    forked { Inotify.close(root) }
    touch("a")
    expect(within { waiting.value }).to eq ["a"]
  end

  it "closes a child's copy at once even if a thread of the parent waits for it" do
    waiting = sleeping_thread { batch(fd) }
    left_open = forked do
      Inotify.close(fd)
      open?(fd)
    end
    touch("a")
    expect(within { waiting.value }.size).to eq 1
    expect(left_open).to be false
  end

  it "lets a child close its copy after a wait of its own" do
    waiting = sleeping_thread { batch(fd) }
    left_open = forked do
      Inotify.watch(fd, timeout: 0.001) { raise "an event" }
      Inotify.close(fd)
      open?(fd)
    end
    touch("a")
    expect(within { waiting.value }.size).to eq 1
    expect(left_open).to be false
  end
end
