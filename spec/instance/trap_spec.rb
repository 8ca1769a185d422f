# frozen_string_literal: true

RSpec.describe Inotify::Instance, "and signals" do
  it "is closed by a handler while the main thread waits in each" do
    expect(ruby_signalled(:USR1, <<~RUBY)).to eq "ended\n"
      instance = Inotify::Instance.new
      instance.add_watch("/", :create)
      trap(:USR1) { instance.close }
      puts "ready"
      instance.each {}
      puts "ended"
    RUBY
  end

  it "is closed by a handler while other threads wait, with and without a watch" do
    expect(ruby_signalled(:USR1, <<~RUBY)).to eq "[true, true]\n"
      instances = Array.new(2) { Inotify::Instance.new }
      instances.first.add_watch("/", :create)
      trap(:USR1) { 2.times { instances.each(&:close) } }
      threads = instances.map { |instance| Thread.new { instance.each {} } }
      Thread.pass until threads.all?(&:stop?)
      puts "ready"
      p threads.map { |thread| !thread.join(LIMIT).nil? }
    RUBY
  end
end
