# frozen_string_literal: true

require "inotify_rs/rspec"

RSpec.describe Inotify::RSpec::Matchers, "#wait_for_change" do
  let(:threads) { [] }

  # A thread that runs the block when it gets a sign.
  def asked
    ask = Thread::Queue.new
    threads << Thread.new { ask.pop && yield }
    ask
  end

  after { threads.each(&:join) }

  it "waits until the file is written and closed" do
    writer = asked { File.open(path("x"), "w") { |file| 1_000.times { file << ("x" * 1_000) } } }
    wait_for_change(path("x")) { writer << :go }
    expect(File.size(path("x"))).to eq 1_000_000
  end

  it "returns what happened to it" do
    events = wait_for_change(path("x")) { touch("y", "x") }
    expect(events.map { |event| [event.name, event.flags] }).to eq [["x", [:close_write]]]
  end

  it "notices that it is replaced, and that it is removed" do
    touch("x.tmp")
    expect(wait_for_change(path("x")) { File.rename(path("x.tmp"), path("x")) }.first).to be_moved_to
    expect(wait_for_change(path("x")) { File.delete(path("x")) }.first).to be_delete
  end

  it "waits for something else when that is asked for" do
    writer = asked { File.write(path("log"), "line") }
    expect(wait_for_change(path("log"), :modify) { writer << :go }.first).to be_modify
  end

  it "waits for what happens in a directory" do
    writer = asked { touch("later") }
    expect(wait_for_change(dir) { writer << :go }.first.name).to eq "later"
  end

  it "fails when the time has passed, and says what else happened" do
    expect { wait_for_change(path("x"), timeout: 0.01) { touch("y") } }
      .to raise_error(RSpec::Expectations::ExpectationNotMetError,
                      /waited 0.01 seconds: expected .* close_write or .* named "x".*create "#{path("y")}"/m)
  end

  it "asks for a block" do
    expect { wait_for_change(path("x")) }
      .to raise_error(ArgumentError, "a block is needed: wait_for_change(path) { … }")
  end
end
