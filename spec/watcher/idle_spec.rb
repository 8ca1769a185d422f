# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "idle" do
  # Processor ticks and voluntary context switches so far of all threads of a process.
  def cost(pid)
    tasks = Dir["/proc/#{pid}/task/*"]
    ticks = tasks.sum { |task| File.read("#{task}/stat").rpartition(")").last.split.values_at(11, 12).sum(&:to_i) }
    [ticks, tasks.sum { |task| File.read("#{task}/status")[/^voluntary_ctxt_switches:\s*(\d+)/, 1].to_i }]
  end

  # What a second of waiting costs a Ruby that runs `script`, and prints when it waits.
  def cost_of(script)
    ruby_running(script) do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      output.wait_readable(0.3)
      before = cost(pid)
      output.wait_readable(1)
      cost(pid).zip(before).map { |after, earlier| after - earlier }
    end
  end

  # What is watched lies deeper than where others make and remove files.
  before { tree("deep/a/b/c" => "1", "deep/file" => "1") }

  {
    "in each" => "watcher.each {}", "in take" => "watcher.take(timeout: 60)",
    "that runs in a thread" => "watcher.start {} && sleep", "that nobody asks" => "sleep",
    "with changes that nobody takes" => "File.write('new', '') && sleep",
    "after much has happened" =>
      "system('mkdir -p x/y && mv x z && rm -rf z a && mkdir a') && watcher.take && watcher.sync && watcher.each {}"
  }.each do |name, waiting|
    it "costs nothing #{name}" do
      expect(cost_of(<<~RUBY)).to eq [0, 0]
        Dir.chdir("#{dir}/deep")
        watcher = Inotify::Watcher.new(".", "file", debounce: 0.01)
        puts "ready"
        #{waiting}
      RUBY
    end
  end
end
