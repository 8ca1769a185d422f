# frozen_string_literal: true

RSpec.describe Inotify, "and what the kernel reports" do
  let(:fd) { inotify }

  # Each flag of an event, and what makes the kernel report it of a watched directory with the file "file" in it.
  {
    access: ->(file) { File.read(file) },
    modify: ->(file) { File.write(file, "changed") },
    attrib: ->(file) { File.chmod(0o600, file) },
    close_write: ->(file) { File.open(file, "a").close },
    close_nowrite: ->(file) { File.open(file).close },
    open: ->(file) { File.open(file).close },
    moved_from: ->(file) { File.rename(file, "#{file}.new") },
    moved_to: ->(file) { File.rename(file, "#{file}.new") },
    create: ->(file) { File.link(file, "#{file}.new") },
    delete: ->(file) { File.delete(file) }
  }.each do |flag, action|
    it "reports #{flag} of an entry of a directory" do
      File.write(path, "content")
      number = watching(flag)
      action.call(path)
      expect(events(number).map(&:flags).uniq).to eq [[flag]]
    end
  end

  it "reports delete_self, and that the watch is gone, of a removed directory" do
    Dir.mkdir(path("below"))
    number = watching(:delete_self, of: path("below"))
    Dir.rmdir(path("below"))
    expect(events(number).map(&:flags)).to eq [[:delete_self], [:ignored]]
  end

  it "reports move_self of a renamed directory" do
    Dir.mkdir(path("below"))
    number = watching(:move_self, of: path("below"))
    File.rename(path("below"), path("above"))
    expect(events(number).map(&:flags)).to eq [[:move_self]]
  end

  it "reports ignored of a deleted file whatever was asked" do
    touch("file")
    number = watching(:open, of: path)
    File.delete(path)
    expect(events(number).map { |event| [event.flags, event.name] }).to eq [[[:ignored], nil]]
  end

  it "reports isdir of a directory and not of a file" do
    number = watching(:create)
    Dir.mkdir(path("below"))
    touch("file")
    expect(events(number).map(&:isdir?)).to eq [true, false]
  end

  it "reports everything that happens with all_events" do
    number = watching(:all_events)
    touch("file")
    expect(events(number).flat_map(&:flags)).to eq %i[create open close_write]
  end

  describe "of a rename" do
    let(:pair) do
      touch("old")
      number = watching(:move)
      File.rename(path("old"), path("new"))
      events(number)
    end

    it "gives both halves in order" do
      expect(pair.map { |event| [event.flags, event.name] }).to eq [[[:moved_from], "old"], [[:moved_to], "new"]]
    end

    it "gives both halves one cookie" do
      expect(pair.map(&:cookie).uniq.size).to eq 1
    end

    it "gives another cookie for another rename" do
      touch("a", "b")
      number = watching(:move)
      File.rename(path("a"), path("c"))
      File.rename(path("b"), path("d"))
      expect(events(number).map(&:cookie).uniq.size).to eq 2
    end

    it "gives one half to the directory a file leaves and the other to the one it enters" do
      %w[from to].each { |name| Dir.mkdir(path(name)) }
      touch("from/file")
      wds = %w[from to].map { |name| Inotify.add_watch(fd, path(name), :move) }
      File.rename(path("from/file"), path("to/file"))
      expect(events(fd).map { |event| [event.wd, event.flags] }).to eq wds.zip([[:moved_from], [:moved_to]])
    end

    it "gives one cookie that the block can pair before the other half is read" do
      pair
      touch("again")
      number = watching(:move)
      File.rename(path("again"), path("later"))
      halves = Array.new(2) { Inotify.watch(number) { |event| break event } }
      expect(halves.map(&:cookie).uniq.size).to eq 1
    end
  end

  describe "with :oneshot" do
    it "gives one event, and then that the watch is gone" do
      number = watching(:create, :oneshot)
      touch("a", "b")
      expect(events(number).map(&:flags)).to eq [[:create], [:ignored]]
    end
  end

  describe "with :excl_unlink" do
    def events_after_unlink(*mask)
      number = watching(:modify, *mask)
      File.open(path, "w") do |file|
        File.delete(path)
        file.write("after its end")
      end
      events(number).map(&:flags)
    end

    it "is silent about a file that is unlinked" do
      expect(events_after_unlink(:excl_unlink)).to eq []
    end

    it "reports a file that is unlinked when it is not asked" do
      expect(events_after_unlink).to eq [[:modify]]
    end
  end

  describe "with :dont_follow" do
    before do
      touch("file")
      File.symlink(path("file"), path("link"))
    end

    it "watches the symbolic link itself" do
      by_link = Inotify.add_watch(fd, path("link"), :attrib, :dont_follow)
      expect(by_link).not_to eq Inotify.add_watch(fd, path("file"), :attrib)
    end

    it "watches what the link points to when it is not asked" do
      by_link = Inotify.add_watch(fd, path("link"), :attrib)
      expect(by_link).to eq Inotify.add_watch(fd, path("file"), :attrib)
    end

    it "watches a link that points nowhere" do
      File.delete(path("file"))
      expect(Inotify.add_watch(fd, path("link"), :attrib, :dont_follow)).to be_positive
    end
  end

  it "merges what happens twice in a row" do
    touch("file")
    number = watching(:modify, of: path)
    File.open(path, "w") { |file| 3.times { file.syswrite("x") } }
    expect(events(number).size).to eq 1
  end

  it "gives the events of a file system that is unmounted", :mount_namespace do
    output = ruby(<<~'RUBY', under: %w[unshare -Urm])
      dir = Dir.mktmpdir
      at_exit { Dir.rmdir(dir) }
      system("mount", "-t", "tmpfs", "none", dir, exception: true)
      fd = Inotify.init
      Inotify.add_watch(fd, dir, :create)
      system("umount", dir, exception: true)
      p Inotify.watch(fd).map { |event| event.flags - [:isdir] }
    RUBY
    expect(output).to eq "[[:unmount], [:ignored]]"
  end
end
