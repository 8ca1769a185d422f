# frozen_string_literal: true

RSpec.describe Inotify::Instance, "idle" do
  # Processor ticks and voluntary context switches so far of all threads of a process, and how many these are.
  def cost(pid)
    tasks = Dir["/proc/#{pid}/task/*"]
    ticks = tasks.sum { |task| File.read("#{task}/stat").rpartition(")").last.split.values_at(11, 12).sum(&:to_i) }
    switches = tasks.sum { |task| File.read("#{task}/status")[/^voluntary_ctxt_switches:\s*(\d+)/, 1].to_i }
    [ticks, switches, tasks.size]
  end

  # What a second of waiting costs a Ruby that runs `script`, and how many threads it has.
  def cost_of(script)
    ruby_running("puts :ready\n#{script}") do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      output.wait_readable(0.2)
      before = cost(pid)
      output.wait_readable(1)
      after = cost(pid)
      [after[0] - before[0], after[1] - before[1], after[2]]
    end
  end

  it "costs nothing, and no thread, in each" do
    plain = cost_of("sleep")
    expect(cost_of(<<~RUBY)).to eq [0, 0, plain.last]
      Inotify::Instance.open { |instance| instance.add_watch("#{dir}", :create) && instance.each {} }
    RUBY
  end

  it "costs nothing without a watch" do
    expect(cost_of("Inotify::Instance.open { |instance| instance.each {} }").first(2)).to eq [0, 0]
  end

  it "costs nothing in read with a timeout" do
    expect(cost_of("Inotify::Instance.open { |instance| instance.read(timeout: 60) }").first(2)).to eq [0, 0]
  end

  it "costs nothing in several threads" do
    expect(cost_of(<<~RUBY).first(2)).to eq [0, 0]
      threads = Array.new(3) do
        instance = Inotify::Instance.new
        instance.add_watch("#{dir}", :create)
        Thread.new { instance.each {} }
      end
      threads.each(&:join)
    RUBY
  end
end
