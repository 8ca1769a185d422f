# frozen_string_literal: true

RSpec.describe Inotify, ".watch that is interrupted" do
  let(:interruption) { Class.new(StandardError) }
  let(:fd) { watching(:create) }

  before { fd }

  it_behaves_like "waits that can be interrupted", FrontEnds::Calls

  it "ends at an interruption that comes with an event, and the next call has the event" do
    caught = Array.new(20) do |number|
      waiting = sleeping_thread { batch(fd).map(&:name) }
      touch("file #{number}")
      waiting.raise(interruption)
      within { waiting.value }
    rescue interruption
      []
    end
    expect(caught.flatten + names(fd)).to eq(Array.new(20) { |number| "file #{number}" })
  end

  it "lets an unhandled SIGTERM end the process" do
    status = ruby_running("fd = Inotify.init; puts 'ready'; Inotify.watch(fd) { }") do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      Process.kill(:TERM, pid)
      within { Process.wait2(pid).last }
    end
    expect(status.termsig).to eq Signal.list["TERM"]
  end
end
