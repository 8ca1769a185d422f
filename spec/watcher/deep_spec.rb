# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and a chain of very many directories" do
  # A chain of 3,000 directories with names of 200 bytes has 900 MB of paths. Far less is needed to report it, as these
  # have nearly everything in common.
  it "reports it in memory for the names, not for the paths" do
    expect(ruby(<<~RUBY)).to eq "[3000, 3000, true]"
      def peak = File.read("/proc/self/status")[/VmHWM:\\s+(\\d+)/, 1].to_i / 1024
      dir = #{dir.inspect}
      watcher = Inotify::Watcher.new(dir, debounce: 3600)
      before = peak
      # The paths are longer than any call takes: each is made from its parent.
      deep = fork { Dir.chdir(dir) && 3000.times { Dir.mkdir("d" * 200) && Dir.chdir("d" * 200) } }
      Process.wait(deep)
      watcher.sync
      created = watcher.take(timeout: 0)
      size = created.size
      system("rm", "-r", "--", File.join(dir, "d" * 200)) || abort
      watcher.sync
      deleted = watcher.take(timeout: 0)
      p [size, deleted.size, peak - before < 30]
    RUBY
  end
end
