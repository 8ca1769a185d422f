# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with a debounce" do
  it "delivers nothing until it has been quiet for so long" do
    watcher = watch(debounce: 0.3)
    start = now
    touch("a")
    expect(short(watcher.take)).to eq [[:created, "a"]]
    expect(now - start).to be_between(0.3, Waiting::LIMIT)
  end

  it "gathers what comes in quick succession into one batch" do
    watcher = watch(debounce: 3)
    %w[a b c].each { |name| touch(name) && watcher.take(timeout: 0.05) }
    expect(short(watcher.take)).to eq [[:created, "a"], [:created, "b"], [:created, "c"]]
  end

  it "reports now and then from a tree that never becomes quiet" do
    watcher = watch(debounce: 0.1)
    writing = true
    writer = Thread.new { touch("busy") && sleep(0.005) while writing }
    batches = Array.new(2) { watcher.take(timeout: Waiting::LIMIT) }
    writing = false
    writer.join
    expect(short(batches.flatten).uniq).to eq [[:created, "busy"], [:modified, "busy"]]
  end

  # A batch that is held up comes after ten times the debounce.
  it "is not held up by what happens beside the root" do
    make("root/", "beside/")
    watcher = watch("root", debounce: 2)
    writing = true
    writer = Thread.new { FileUtils.rm_f(path("noise")) && touch("noise") && sleep(0.005) while writing }
    touch("root/a")
    expect(short(watcher.take(timeout: Waiting::LIMIT))).to eq [[:created, "root/a"]]
    writing = false
    writer.join
  end

  it "is not held up by the neighbours of a watched file" do
    make("file" => "1", "noise" => "1")
    watcher = watch("file", debounce: 2)
    writing = true
    writer = Thread.new { File.write(path("noise"), "2") && sleep(0.005) while writing }
    File.write(path("file"), "2")
    expect(short(watcher.take(timeout: Waiting::LIMIT))).to eq [[:modified, "file"]]
    writing = false
    writer.join
  end

  it "delivers each change as it comes with 0" do
    watcher = watch(debounce: 0)
    reported = []
    %w[a b c].each do |name|
      touch(name)
      within { reported.concat(short(watcher.take)) until reported.include?([:created, name]) }
    end
    expect(reported.uniq).to include([:created, "a"], [:created, "b"], [:created, "c"])
  end
end
