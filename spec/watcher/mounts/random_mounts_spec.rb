# frozen_string_literal: true

# Things are mounted, moved and unmounted at random. The changes must lead to what is there, and what is written must be
# reported at every path it has.
RSpec.describe Inotify::Watcher, "when things are mounted at random", mount_namespace: true do
  # Trials and steps are few: each step waits for commands. They take some seconds.
  def trial(seed)
    ruby_mounting(<<~RUBY)
      require "#{File.expand_path("../../support/watchers", __dir__)}"
      include Watchers
      at_exit { close_watchers }
      random = Random.new(#{seed})
      dirs = %w[t t/a t/a/m t/b t/b/m o/x o/y o/y/m].each { |name| make(name + "/f", name + "/g") }
      files = dirs.flat_map { |name| [name + "/f", name + "/g"] }
      File.symlink("t", path("link"))
      try = ->(*command) { system(*command, out: File::NULL, err: File::NULL) }
      pick = ->(names) { path(names.sample(random: random)) }
      ops = [
        -> { try.("mount", "--bind", pick.(dirs), pick.(dirs)) },
        -> { try.("mount", "--bind", pick.(files), pick.(files)) },
        -> { try.("mount", "-n", "--move", pick.(dirs + files), pick.(dirs + files)) },
        -> { try.("mount", "-t", "tmpfs", "none", pick.(dirs)) },
        -> { 2.times { try.("umount", "-l", pick.(dirs + files)) } },
        -> { try.("mv", "-T", pick.(dirs), pick.(dirs)) },
        -> { File.write(pick.(files), "") rescue nil }
      ]
      there = lambda do |root|
        Dir.glob("**/*", base: root).map { |name| File.join(root, name) }.push(root).select { |it| File.exist?(it) }.to_set
      end
      tree = watch(path("link"), path("o/../t/a/f"))
      root = path("link")
      paths = tree.paths
      35.times do |step|
        1.upto(1 + random.rand(3)) { ops.sample(random: random).call }
        paths = applied(paths, all_changes(tree))
        below = paths.select { |name| name == root || name.start_with?(root + "/") }.to_set
        p [step, below ^ there.(root)] if below != there.(root)
        p [step, tree.audit] unless tree.audit.empty?
        written = there.(root).select { |name| File.file?(name) }.to_a.sample(random: random) or next
        File.write(written, "x")
        all = there.(root).select { |name| File.file?(name) && File.identical?(name, written) }
        reported = all_changes(tree)
        paths = applied(paths, reported)
        missing = all.to_a - reported.map(&:path)
        p [step, :written, missing] unless missing.empty?
      end
      run("umount", "-l", path("t")) while system("mountpoint", "-q", path("t"))
    RUBY
  end

  3.times do |number|
    it "follows them, trial #{number}" do
      seed = RSpec.configuration.seed + number
      expect([seed, trial(seed)]).to eq [seed, []]
    end
  end
end
