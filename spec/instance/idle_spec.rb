# frozen_string_literal: true

RSpec.describe Inotify::Instance, "idle" do
  it_behaves_like "costing nothing while nothing happens", FrontEnds::Instance,
                  "each" => "source.each {}", "read with a timeout" => "loop { source.read(timeout: 10_000) }"

  it "has no thread of its own" do
    threads = expect_idle_ruby(<<~RUBY)
      puts "ready"
      Inotify::Instance.open { |instance| instance.add_watch("#{dir}", :create) && instance.each {} }
    RUBY
    expect(threads).to eq expect_idle_ruby("puts 'ready' ; sleep")
  end

  it "costs nothing without a watch" do
    expect_idle_ruby("puts 'ready' ; Inotify::Instance.open { |instance| instance.each {} }")
  end

  it "costs nothing in several threads" do
    expect_idle_ruby(<<~RUBY)
      puts "ready"
      threads = Array.new(3) do
        instance = Inotify::Instance.new
        instance.add_watch("#{dir}", :create)
        Thread.new { instance.each {} }
      end
      threads.each(&:join)
    RUBY
  end
end
