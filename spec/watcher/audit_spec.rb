# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#audit" do
  before { make("a/b/c", "d", "e/") }

  replaced = "the mask was replaced, and lacks needed events: "

  def wd_of(name)
    inode = File.stat(path(name)).ino.to_s(16)
    kernel_watches.find { |line| line.include?(" ino:#{inode} ") }[/wd:(\h+)/, 1].hex
  end

  it "is empty when all is well" do
    expect(watch.audit).to eq []
  end

  it "is empty after much has happened" do
    watcher = watch
    make("a/x/y/z", "n/o/p")
    rename("a", "n/a")
    FileUtils.rm_r(path("n/o"))
    expect(watcher.audit).to eq []
  end

  it "is empty with filters of every kind" do
    make("tmp/x", "log/y", "f.rb", "s/g.rb")
    File.write(path(".gitignore"), "log/")
    options = [{ only: "*.rb" }, { ignore: "tmp/" }, { ignore: /tmp/, only: /\.rb/ }, { gitignore: true }]
    expect(options.map { |it| watch(**it).audit }).to eq [[]] * 4
  end

  it "is empty for single files, roots that are not there, and what is not entered" do
    expect([watch(path("d"), path("none")).audit, watch(recursive: false).audit]).to eq [[], []]
  end

  it "asks a predicate with the paths of the root /" do
    expect(watch("/", ignore: ->(path) { path.match?(%r{\A/[^/]+\z}) }).audit).to eq []
  end

  it "names a watch that belongs to nothing" do
    watcher = watch
    Dir.mktmpdir do |elsewhere|
      wd = Inotify.add_watch(inotify_fds.first, elsewhere, :attrib)
      expect(watcher.audit).to eq ["the kernel has watch #{wd}, which the model does not have"]
    end
  end

  it "finds what a silenced watch did not report" do
    watcher = watch
    # The same inode: this replaces what is watched for.
    Inotify.add_watch(inotify_fds.first, path("a/b"), :open)
    make("a/b/new")
    File.delete(path("a/b/c"))
    expect(watcher.audit).to eq ["#{replaced}the watch of #{path("a/b")}",
                                 "on the disk, but not in the model: #{path("a/b/new")}",
                                 "in the model, but not on the disk: #{path("a/b/c")}"]
  end

  it "names the watch of a directory above a root whose mask was replaced" do
    watcher = watch(path("e"))
    wd = wd_of("")
    Inotify.add_watch(inotify_fds.first, dir, :attrib)
    expect(watcher.audit).to eq ["#{replaced}watch #{wd}"]
  end

  {
    "to the directory above the path" => [{}, { "l" => ".." }],
    "to a directory further above" => [{}, { "a/l" => "../.." }],
    "to a file that a filter excludes" => [{ only: "c" }, { "l" => "a", "m" => "a" }],
    "into a directory that another link leads to" => [{}, { "e/k" => "../../other", "e/l" => "../../other/deep" }]
  }.each do |what, (options, links)|
    it "is empty with a link #{what}" do
      make("root/a/b/c", "root/e/", "other/deep/x", "other/deep/deeper/")
      links.each { |name, target| File.symlink(target, path("root/#{name}")) }
      expect(watch(path("root"), follow_symlinks: true, **options).audit).to eq []
    end
  end

  # The output of a ruby that has no more than `free` descriptors left for the audit.
  def audited_with(free)
    10.times { |number| FileUtils.mkdir_p(path("#{number}/x/y")) }
    ruby(<<~RUBY).lines(chomp: true)
      watcher = Inotify::Watcher.new("#{dir}")
      Process.setrlimit(:NOFILE, Dir.children("/proc/self/fd").map(&:to_i).max + 20)
      taken = []
      begin
        loop { taken << File.open("/dev/null") }
      rescue Errno::EMFILE
        taken.pop(#{free}).each(&:close)
      end
      begin
        p watcher.audit
      rescue SystemCallError => e
        p e.class
      end
    RUBY
  end

  it "is empty with few descriptors left" do
    expect(audited_with(3)).to eq ["[]"]
  end

  it "raises Errno::EMFILE with none left to look with, as it can say nothing" do
    expect([audited_with(0), audited_with(1)]).to eq [["Errno::EMFILE"]] * 2
  end

  it "finds what has become something else" do
    watcher = watch
    Inotify.add_watch(inotify_fds.first, dir, :open)
    FileUtils.rm(path("d"))
    make("d/")
    expect(watcher.audit).to include("of another kind on the disk than in the model: #{path("d")}")
  end

  it "repairs a watch that was removed behind its back" do
    watcher = watch
    Inotify.rm_watch(inotify_fds.first, wd_of("a/b"))
    make("a/b/new")
    expect(all_reported(watcher)).to include([:created, "a/b/new"])
    expect(watcher.audit).to eq []
  end

  it "raises IOError when the watcher is closed" do
    watcher = watch
    watcher.close
    expect { watcher.audit }.to raise_error(IOError, /closed/)
  end
end
