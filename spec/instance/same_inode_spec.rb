# frozen_string_literal: true

RSpec.describe Inotify::Watch, "of an inode with several paths" do
  let(:instance) { new_instance }

  context "with a hard link" do
    before do
      touch("one")
      File.link(path("one"), path("two"))
    end

    let!(:one) { instance.add_watch(path("one"), :open) }
    let!(:two) { instance.add_watch(path("two"), :modify) }

    it "has one wd and equal watches, each with its path" do
      expect(two).to eq(one).and have_attributes(wd: one.wd, hash: one.hash)
      expect([one, two].map(&:path)).to eq [path("one"), path("two")]
      expect([one, two].uniq.size).to eq 1
    end

    it "reports both the mask that is watched for now" do
      expect([one, two].map(&:flags)).to eq [[:modify], [:modify]]
    end

    it "adds to the mask with mask_add" do
      three = instance.add_watch(path("one"), :attrib, :mask_add)
      expect([one, two, three].map(&:flags)).to all(eq(%i[modify attrib]))
      File.write(path("one"), "x")
      File.chmod(0o600, path("one"))
      expect(drain(instance).map(&:flags)).to eq [[:modify], [:attrib]]
    end

    it "reports events under the path that was added last" do
      File.write(path("one"), "x")
      event = instance.read.first
      expect([event.watch, event.path]).to eq [two, path("two")]
    end

    it "lists the one that was added last" do
      expect(instance.watches.map(&:path)).to eq [path("two")]
    end

    it "is removed with either" do
      expect([one.remove, two.remove]).to eq [true, false]
      expect([one.removed?, two.removed?]).to eq [true, true]
    end
  end

  it "is the same directory after a rename, and events have the new path" do
    Dir.mkdir(path("old"))
    old = instance.add_watch(path("old"), :create)
    File.rename(path("old"), path("new"))
    File.write(path("new/a"), "")
    new = instance.add_watch(path("new"), :create)
    expect(new).to eq old
    expect(instance.read.map(&:path)).to eq [path("new/a")]
  end

  it "keeps the path as it was given when a directory is renamed and not added again" do
    Dir.mkdir(path("old"))
    watch = instance.add_watch(path("old"), :create)
    File.rename(path("old"), path("new"))
    File.write(path("new/a"), "")
    expect([watch.path, instance.read.first.path]).to eq [path("old"), path("old/a")]
  end

  it "is the same through a symbolic link, and another one with dont_follow" do
    File.symlink(dir, path("link"))
    through = instance.add_watch(path("link"), :create)
    expect(instance.add_watch(dir, :create)).to eq through
    expect(instance.add_watch(path("link"), :attrib, :dont_follow)).not_to eq through
  end

  it "is the same under a bind mount", :mount_namespace do
    output = ruby(<<~RUBY, under: %w[unshare -Urm])
      Dir.mkdir("#{dir}/real")
      Dir.mkdir("#{dir}/mount")
      system("mount", "--bind", "#{dir}/real", "#{dir}/mount", exception: true)
      Inotify::Instance.open do |instance|
        real = instance.add_watch("#{dir}/real", :create)
        mount = instance.add_watch("#{dir}/mount", :create)
        File.write("#{dir}/real/a", "")
        p [real == mount, instance.read.map(&:path)]
      end
    RUBY
    expect(output).to eq [true, [path("mount/a")]].inspect
  end
end
