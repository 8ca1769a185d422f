# frozen_string_literal: true

# A FUSE file system whose server is gone: it can be mounted without anybody to serve it.
RSpec.describe Inotify::RemoteFileSystem do
  before do
    skip "needs /dev/fuse and mount namespaces" unless File.writable?("/dev/fuse") && fuse?
    make("a/f", "b/g")
  end

  def fuse?
    system("unshare", "-Urm", "sh", "-c", mount("/mnt", "fuse.test"), out: File::NULL, err: File::NULL)
  end

  # The server is closed with the shell.
  def mount(place, type)
    "exec 9<>/dev/fuse; mount -i -t #{type} -o fd=9,rootmode=40000,user_id=0,group_id=0 none '#{place}'"
  end

  def remote(script)
    ruby_mounting(<<~RUBY + script)
      require "#{File.expand_path("../../support/watchers", __dir__)}"
      include Watchers
      at_exit { close_watchers }
      def mount(name, type) = run("bash", "-c", "#{mount("\#{path(name)}", "\#{type}")}")
      def remote = errors.grep(Inotify::RemoteFileSystem).map(&:message)
    RUBY
  end

  # A newer mount(8) omits the part of the type that is FUSE's own business.
  it "is reported where it is there at the start, with its type" do
    expect(remote(<<~RUBY)).to contain_exactly(%r{/a is on a file system of type fuse(\.test)?: inotify does not})
      mount("a", "fuse.test")
      watch
      puts remote
    RUBY
  end

  it "is reported when it is mounted later" do
    expect(remote(<<~RUBY)).to eq ["[]", "1"]
      tree = watch
      p remote
      mount("a", "fuse.test")
      # It is no change.
      IO.select([tree.to_io], nil, nil, LIMIT)
      tree.take(timeout: 0)
      puts remote.size
    RUBY
  end

  it "is reported once" do
    expect(remote(<<~RUBY)).to eq ["1"]
      mount("a", "fuse")
      tree = watch
      make("b/x")
      all_changes(tree)
      puts remote.size
    RUBY
  end

  it "is not reported elsewhere" do
    expect(remote(<<~RUBY)).to eq ["[]"]
      mount("a", "fuse.test")
      watch(path("b"))
      p remote
    RUBY
  end

  it "leaves the rest of the tree covered" do
    expect(remote(<<~RUBY)).to eq ["[[:created, \"b/x\"]]"]
      mount("a", "fuse.test")
      tree = watch
      make("b/x")
      p all_reported(tree)
    RUBY
  end
end
