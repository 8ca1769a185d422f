# frozen_string_literal: true

RSpec.describe Inotify, ".watch in many threads on one descriptor" do
  # The book that is kept of who waits was once written in two steps, and another thread came between.
  it "lets them begin and end their waits at once", :slow do
    fd = watching(:create)
    threads = Array.new(20) { Thread.new { Array.new(200) { Inotify.watch(fd, timeout: 0.0005) { nil } } } }
    expect(within { threads.flat_map(&:value) }).to all(eq(0))
  end
end
