# frozen_string_literal: true

RSpec.shared_examples "waits of threads" do |front_end|
  include front_end

  let(:source) { new_source }

  before { source }

  it "let other threads run" do
    waiting = sleeping_thread { take_names(source) }
    counted = 0
    100_000.times { counted += 1 }
    touch("a")
    expect([counted, within { waiting.value }]).to eq [100_000, ["a"]]
  end

  it "get each name once, whichever thread takes it", :slow do
    names = Thread::Queue.new
    threads = Array.new(6) { sleeping_thread { loop { names << take_names(source) } } }
    touch_many(500)
    found = []
    within { found.concat(names.pop) until found.size >= 500 }
    threads.each { |thread| thread.kill.join }
    expect(found.sort).to eq numbered_names(500)
  end

  it "keep several sources apart" do
    names = Array.new(6) { |number| number.to_s.tap { |name| Dir.mkdir(path(name)) } }
    threads = names.map do |name|
      own = new_source(path(name))
      Thread.new { [].tap { |found| found.concat(take_names(own)) until found.size >= 50 } }
    end
    50.times { |number| names.each { |name| File.write(path("#{name}/#{name}.#{number}"), "") } }
    expected = names.map { |name| Array.new(50) { |number| "#{name}.#{number}" }.sort }
    expect(within { threads.map(&:value) }.map(&:sort)).to eq expected
  end
end
