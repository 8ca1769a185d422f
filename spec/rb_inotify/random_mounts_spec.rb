# frozen_string_literal: true

# Directories are mounted, moved and unmounted at random. Whoever applies the events must know everything that exists.
# No directory is mounted at two places at once: it is reported at one of them.
RSpec.describe "INotify::Notifier#watch with :recursive, when things are mounted at random" do
  before { skip "needs mount namespaces" unless mount_namespaces? }

  # Trials and steps are few: each step waits for commands. They take some seconds.
  def trial(seed)
    ruby_mounting(<<~RUBY)
      require "inotify_rs/rb_inotify"
      require "io/wait"
      require "set"
      require "fileutils"
      random = Random.new(#{seed})
      dirs = %w[t t/a t/a/m t/b t/b/m o/x o/y o/y/m]
      (dirs + %w[s/0 s/1/d s/2/d/e s/3]).each do |name|
        FileUtils.mkdir_p(path(name))
        File.write(path(name + "/" + name.tr("/", "_")), "")
      end
      File.symlink("t", path("link"))
      try = ->(*command) { system(*command, out: File::NULL, err: File::NULL) }
      pick = ->(names) { path(names.sample(random: random)) }
      mounted = -> { File.readlines("/proc/self/mountinfo").map { |line| line.split[3] } }
      ops = [
        -> { (free = %w[s/0 s/1 s/2 s/3].reject { |it| mounted.().any? { |at| at.end_with?(it) } }).any? && try.("mount", "--bind", pick.(free), pick.(dirs)) },
        -> { try.("mount", "-n", "--move", pick.(dirs), pick.(dirs)) },
        -> { try.("mount", "-t", "tmpfs", "none", pick.(dirs)) },
        -> { 2.times { try.("umount", "-l", pick.(dirs)) } },
        -> { try.("mv", "-T", pick.(dirs), pick.(dirs)) },
        -> { File.write(pick.(dirs) + "/new" + random.rand(3).to_s, "") rescue nil }
      ]
      root = path("link")
      there = -> { Dir.glob("**/*", base: root).map { |name| File.join(root, name) }.to_set }
      known = there.()
      inside = ->(it, path) { it == path || it.start_with?(path + "/") }
      notifier = INotify::Notifier.new
      notifier.watch(root, :recursive, :create, :delete, :move) do |event|
        name = event.absolute_name
        if event.moved_from? && (to = event.related.first)
          known.delete_if { |it| inside.(it, to.absolute_name) }
          moved = known.select { |it| inside.(it, name) }
          known.subtract(moved).merge(moved.map { |it| to.absolute_name + it.delete_prefix(name) })
        elsif event.moved_from? || event.delete?
          known.delete_if { |it| inside.(it, name) }
        else
          known << name
        end
      end
      35.times do |step|
        1.upto(1 + random.rand(3)) { ops.sample(random: random).call }
        begin
          Timeout.timeout(#{Waiting::LIMIT}) do
            notifier.to_io.wait_readable && notifier.process until (there.() - known).empty?
          end
        rescue Timeout::Error
          p [step, (there.() - known).to_a]
          break
        end
      end
      try.("umount", "-l", path("t")) while system("mountpoint", "-q", path("t"))
    RUBY
  end

  3.times do |number|
    it "follows them, trial #{number}" do
      seed = RSpec.configuration.seed + number
      expect([seed, trial(seed)]).to eq [seed, []]
    end
  end
end
