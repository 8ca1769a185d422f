# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and roots that change" do
  it "reports a root that is removed with all in it, and one that is made again" do
    make("root/sub/a" => "1")
    watcher = watch("root")
    FileUtils.rm_rf(path("root"))
    expect(reported(watcher)).to eq [[:deleted, "root/sub/a"], [:deleted, "root/sub"], [:deleted, "root"]]
    make("root/b" => "1")
    expect(reported(watcher)).to eq [[:created, "root"], [:created, "root/b"]]
  end

  it "goes on watching a root that was removed and made again ten times" do
    make("root/")
    watcher = watch("root")
    10.times { FileUtils.rm_rf(path("root")) && make("root/sub/a" => "1") }
    expect(known(synced(watcher))).to eq %w[root root/sub root/sub/a]
    touch("root/sub/b")
    expect(reported(watcher)).to include [:created, "root/sub/b"]
  end

  it "reports the difference when a root is replaced by a rename" do
    make("root/old" => "1", "root/both" => "1", "next/new" => "1", "next/both" => "2")
    watcher = watch("root")
    File.rename(path("root"), path("gone"))
    File.rename(path("next"), path("root"))
    found = reported(watcher)
    expect(found).to include([:deleted, "root/old"], [:created, "root/new"])
    expect([found.map(&:last).include?("root/both"), known(synced(watcher))]).to eq [true, %w[root root/both root/new]]
  end

  it "does not report a root that was moved away, whatever happens there" do
    make("root/a" => "1")
    watcher = watch("root")
    File.rename(path("root"), path("gone"))
    reported(watcher)
    touch("gone/b")
    expect([reported(watcher), watcher.paths]).to eq [[], []]
  end

  it "follows when a directory above the root is renamed and made again" do
    make("above/root/a" => "1")
    watcher = watch("above/root")
    File.rename(path("above"), path("gone"))
    expect(reported(watcher)).to eq [[:deleted, "above/root/a"], [:deleted, "above/root"]]
    make("above/root/b" => "1")
    expect(reported(watcher)).to eq [[:created, "above/root"], [:created, "above/root/b"]]
  end

  it "watches what a symbolic link leads to, under the link's name" do
    make("v1/a" => "1")
    File.symlink("v1", path("current"))
    watcher = watch("current")
    File.write(path("v1/a"), "2")
    touch("current/b")
    expect(reported(watcher)).to eq [[:created, "current/b"], [:modified, "current/a"]]
  end

  it "follows a symbolic link that is replaced atomically" do
    make("v1/a" => "1", "v1/b" => "1", "v2/a" => "2", "v2/c" => "2")
    File.symlink("v1", path("current"))
    watcher = watch("current")
    File.symlink("v2", path("next"))
    File.rename(path("next"), path("current"))
    expect(reported(watcher)).to include([:deleted, "current/b"], [:created, "current/c"])
    File.write(path("v2/a"), "3")
    touch("v1/unseen")
    expect(reported(watcher)).to eq [[:modified, "current/a"]]
  end

  it "reports that a file has other content when the link to its directory was replaced" do
    make("v1/a" => "1", "v2/a" => "2")
    File.symlink("v1", path("current"))
    watcher = watch("current")
    File.symlink("v2", path("next"))
    File.rename(path("next"), path("current"))
    expect(reported(watcher)).to include [:modified, "current/a"]
  end

  # A volume of Kubernetes: app.conf -> ..data/app.conf, ..data -> ..2026, and ..data is replaced.
  it "follows ..data of a volume to a file's new content" do
    make("..1/app.conf" => "1", "..2/app.conf" => "2")
    File.symlink("..1", path("..data"))
    File.symlink("..data/app.conf", path("app.conf"))
    watcher = watch("app.conf")
    File.symlink("..2", path("..tmp"))
    File.rename(path("..tmp"), path("..data"))
    FileUtils.rm_rf(path("..1"))
    expect(reported(watcher)).to eq [[:modified, "app.conf"]]
    File.write(path("..2/app.conf"), "3")
    expect(reported(watcher)).to eq [[:modified, "app.conf"]]
  end

  it "waits for what a dangling link leads to" do
    File.symlink("later", path("link"))
    watcher = watch("link")
    make("later/a" => "1")
    expect(reported(watcher)).to include [:created, "link/a"]
  end

  it "bears a cycle of links" do
    File.symlink("b", path("a"))
    File.symlink("a", path("b"))
    watcher = watch("a")
    File.unlink(path("a"))
    Dir.mkdir(path("a"))
    touch("a/x")
    expect([reported(watcher), errors.map(&:class)]).to eq [[[:created, "a"], [:created, "a/x"]], [Errno::ELOOP]]
  end

  it "reports a root that is gone to on_error, each time" do
    make("root/")
    watcher = watch("root")
    2.times do
      Dir.rmdir(path("root"))
      reported(watcher)
      Dir.mkdir(path("root"))
      reported(watcher)
    end
    expect(errors.map(&:message)).to match Array.new(2, /No such file.*#{path("root")}: it is watched again/)
  end

  it "reports no root to on_error that is there again by then" do
    make("root/", "file" => "1")
    watcher = watch("root", "file", debounce: 3600)
    Dir.rmdir(path("root"))
    make("root/a" => "1")
    save_atomically("file", "2")
    reported(watcher)
    expect(errors).to be_empty
  end

  it "reports a file saved atomically again and again" do
    make("file" => "1")
    watcher = watch("file")
    5.times do |number|
      save_atomically("file", number.to_s)
      expect(reported(watcher)).to eq [[:modified, "file"]]
    end
  end

  it "reports a file that is removed, and made again" do
    make("file" => "1")
    watcher = watch("file")
    File.unlink(path("file"))
    expect(reported(watcher)).to eq [[:deleted, "file"]]
    touch("file")
    expect(reported(watcher)).to eq [[:created, "file"]]
  end

  it "reports a file that is renamed away as deleted, and back as created" do
    make("file" => "1")
    watcher = watch("file")
    File.rename(path("file"), path("other"))
    expect(reported(watcher)).to eq [[:deleted, "file"]]
    File.rename(path("other"), path("file"))
    expect(reported(watcher)).to eq [[:created, "file"]]
  end

  it "reports a file that becomes a directory, and a file again" do
    make("root" => "1")
    watcher = watch("root")
    File.unlink(path("root"))
    make("root/a" => "1")
    expect(reported(watcher)).to eq [[:deleted, "root"], [:created, "root"], [:created, "root/a"]]
    FileUtils.rm_rf(path("root"))
    touch("root")
    expect(reported(watcher)).to eq [[:deleted, "root/a"], [:deleted, "root"], [:created, "root"]]
  end

  it "reports a link to a file that leads to one of another name as the same file" do
    make("log.1" => "1", "log.2" => "2")
    File.symlink("log.1", path("current"))
    watcher = watch("current")
    File.symlink("log.2", path("next"))
    File.rename(path("next"), path("current"))
    expect([reported(watcher), watcher.paths]).to eq [[[:modified, "current"]], [path("current")]]
    File.write(path("log.2"), "33")
    expect(reported(watcher)).to eq [[:modified, "current"]]
  end

  it "reports a file of the same name in the directory that took a file's place" do
    make("root" => "1", "other/root" => "1")
    watcher = watch("root")
    File.unlink(path("root"))
    File.rename(path("other"), path("root"))
    expect(reported(watcher)).to eq [[:deleted, "root"], [:created, "root"], [:created, "root/root"]]
  end

  it "finds nothing amiss in an audit of roots that are files, links, missing or directories" do
    make("dir/sub/", "file" => "1")
    File.symlink("file", path("link"))
    expect(watch("file", "link", "missing", "dir").audit).to eq []
  end
end
