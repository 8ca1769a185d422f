# frozen_string_literal: true

# A workload with fewer watches than directories; how few changes all the time. In a user namespace.
class LimitedTrial < Trial
  private

  def consume(pid)
    changing = Thread.new { change_limit(Random.new(@seed)) until @done }
    super
  ensure
    @done = true
    changing.join
  end

  def watch(root)
    limit(root.count("/") + 3)
    super
  end

  def change_limit(random)
    limit(random.rand(20))
    sleep(random.rand * 0.02)
  end

  def limit(watches) = File.write("/proc/sys/user/max_inotify_watches", watches.to_s)
end

# A workload below a FUSE file system, where inotify sees nothing of it. In a user and mount namespace. The kernel keeps
# no names of it: otherwise, for a second, a name could lead to a file there that is a directory by now.
class SharedTrial < Trial
  private

  def run_in(dir)
    @at = "#{dir}-shared"
    Dir.mkdir(@at)
    server = spawn("bindfs", "-o", "entry_timeout=0", "-f", dir, @at, %i[out err] => File::NULL)
    sleep 0.01 until File.read("/proc/self/mountinfo").include?(" #{@at} ")
    super
  ensure
    system("umount", "-l", @at)
    Process.wait(server)
    Dir.rmdir(@at)
  end

  def watch(root) = super(File.join(@at, File.basename(root)))
end
