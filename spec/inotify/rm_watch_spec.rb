# frozen_string_literal: true

RSpec.describe Inotify, ".rm_watch" do
  let(:fd) { inotify }
  let(:wd) { Inotify.add_watch(fd, dir, :create) }

  it "gives 0" do
    expect(Inotify.rm_watch(fd, wd)).to eq 0
  end

  it "ends the events of the watch with IN_IGNORED" do
    Inotify.rm_watch(fd, wd)
    touch("a")
    expect(events(fd).map { |event| [event.wd, event.flags, event.name] }).to eq [[wd, [:ignored], nil]]
  end

  it "keeps the events that were queued before it" do
    wd
    touch("a")
    Inotify.rm_watch(fd, wd)
    expect(events(fd).map(&:flags)).to eq [[:create], [:ignored]]
  end

  it "leaves other watches alone" do
    touch("file")
    other = Inotify.add_watch(fd, path, :modify)
    Inotify.rm_watch(fd, wd)
    File.write(path, "x")
    expect(events(fd).map(&:wd).uniq).to eq [wd, other]
  end

  it "lets the file be watched again under another watch descriptor" do
    Inotify.rm_watch(fd, wd)
    expect(Inotify.add_watch(fd, dir, :create)).not_to eq wd
  end

  it "refuses a watch that was removed with EINVAL" do
    Inotify.rm_watch(fd, wd)
    expect { Inotify.rm_watch(fd, wd) }.to raise_error(Errno::EINVAL, /no watch #{wd}/)
  end

  it "refuses a watch whose file is deleted with EINVAL" do
    wd
    Dir.rmdir(dir)
    expect { Inotify.rm_watch(fd, wd) }.to raise_error(Errno::EINVAL)
  ensure
    Dir.mkdir(dir)
  end

  [-1, 0, 1_000, (2**31) - 1].each do |unknown|
    it "refuses the watch #{unknown}, which never was, with EINVAL" do
      expect { Inotify.rm_watch(fd, unknown) }.to raise_error(Errno::EINVAL, /#{unknown}/)
    end
  end

  it "refuses the watch of another instance with EINVAL" do
    expect { Inotify.rm_watch(inotify, wd) }.to raise_error(Errno::EINVAL)
  end

  it "refuses a number that no C int holds with RangeError" do
    expect { Inotify.rm_watch(fd, 2**40) }.to raise_error(RangeError)
  end

  [nil, "1", :wd].each do |given|
    it "refuses #{given.inspect} with TypeError" do
      expect { Inotify.rm_watch(fd, given) }.to raise_error(TypeError)
    end
  end
end
