# frozen_string_literal: true

RSpec.describe Inotify, ".add_watch" do
  let(:fd) { inotify }

  it "gives a positive watch descriptor" do
    expect(Inotify.add_watch(fd, dir, :create)).to be > 0
  end

  it "gives another watch descriptor for another file" do
    touch("file")
    expect(Inotify.add_watch(fd, path, :modify)).not_to eq Inotify.add_watch(fd, dir, :create)
  end

  it "gives the same watch descriptor for the same file" do
    touch("file")
    File.link(path, path("link"))
    expect(Inotify.add_watch(fd, path("link"), :modify)).to eq Inotify.add_watch(fd, path, :modify)
  end

  it "gives the watch descriptor that the events have" do
    wd = Inotify.add_watch(fd, dir, :create)
    touch("a")
    expect(events(fd).map(&:wd)).to eq [wd]
  end

  it "replaces the mask of a file that is watched" do
    Inotify.add_watch(fd, dir, :create)
    Inotify.add_watch(fd, dir, :delete)
    touch("a")
    File.delete(path("a"))
    expect(events(fd).map(&:flags)).to eq [[:delete]]
  end

  it "adds to the mask with :mask_add" do
    Inotify.add_watch(fd, dir, :create)
    Inotify.add_watch(fd, dir, :delete, :mask_add)
    touch("a")
    File.delete(path("a"))
    expect(events(fd).map(&:flags)).to eq [[:create], [:delete]]
  end

  it "refuses a file that is watched with EEXIST when :mask_create is asked" do
    Inotify.add_watch(fd, dir, :create)
    expect { Inotify.add_watch(fd, dir, :delete, :mask_create) }.to raise_error(Errno::EEXIST, /#{dir}/)
  end

  it "accepts a file that is not watched when :mask_create is asked" do
    expect(Inotify.add_watch(fd, dir, :create, :mask_create)).to be > 0
  end

  it "refuses :mask_add with :mask_create with EINVAL" do
    expect { Inotify.add_watch(fd, dir, :create, :mask_add, :mask_create) }.to raise_error(Errno::EINVAL, /exclude/)
  end

  it "accepts a directory when :onlydir is asked" do
    expect(Inotify.add_watch(fd, dir, :create, :onlydir)).to be > 0
  end

  it "refuses a file with ENOTDIR when :onlydir is asked" do
    touch("file")
    expect { Inotify.add_watch(fd, path, :modify, :onlydir) }.to raise_error(Errno::ENOTDIR, /#{path}/)
  end

  it "refuses a path through a file with ENOTDIR" do
    touch("file")
    expect { Inotify.add_watch(fd, path("file/below"), :modify) }.to raise_error(Errno::ENOTDIR, %r{file/below})
  end

  it "refuses a file that is missing with ENOENT and its path" do
    expect { Inotify.add_watch(fd, path("missing"), :modify) }.to raise_error(Errno::ENOENT, /#{path("missing")}/)
  end

  it "refuses a symbolic link to itself with ELOOP and its path" do
    File.symlink("loop", path("loop"))
    expect { Inotify.add_watch(fd, path("loop"), :modify) }.to raise_error(Errno::ELOOP, /#{path("loop")}/)
  end

  it "refuses a file that may not be read with EACCES and its path" do
    touch("secret")
    File.chmod(0o755, dir)
    File.chmod(0, path("secret"))
    fd
    error = unprivileged { Inotify.add_watch(fd, path("secret"), :modify) }
    expect(error).to be_a(Errno::EACCES).and have_attributes(message: /#{path("secret")}/)
  end

  it "refuses a missing path" do
    expect { Inotify.add_watch(fd) }.to raise_error(ArgumentError)
  end

  it "leaves the watches there are alone when it fails" do
    Inotify.add_watch(fd, dir, :create)
    begin
      Inotify.add_watch(fd, path("missing"), :create)
    rescue Errno::ENOENT
      touch("a")
    end
    expect(names(fd)).to eq ["a"]
  end
end
