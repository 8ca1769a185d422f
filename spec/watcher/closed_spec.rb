# frozen_string_literal: true

# Changes of type :closed: files that are complete.
RSpec.describe Inotify::Watcher, "with closed: true" do
  # The paths that were reported as closed, below the example's directory.
  def closed(changes) = changes.select(&:closed?).map { |change| below(change.path) }

  def closed_now(watcher) = closed(changes(watcher))

  # Takes changes until so many files were reported as closed.
  def take_closed(watcher, count)
    closed(take_until(watcher) { |found| found.count(&:closed?) >= count })
  end

  def slowly(name)
    File.open(path(name), "ab") do |file|
      yield(lambda {
        file.write("part")
        file.flush
      })
    end
  end

  it "reports a slow upload once, when it is closed" do
    watcher = watch(closed: true)
    found = []
    slowly("upload") do |write|
      5.times do
        write.call
        pass_the_tick
        found.concat(changes(watcher))
      end
      expect(found.map(&:type).uniq).to eq %i[created modified]
    end
    found = changes(watcher)
    expect(short(found)).to eq [[:closed, "upload"]]
    expect(found.first).to be_closed.and have_attributes(rescanned?: false, directory?: false, from: nil)
  end

  it "reports it after the change of the same batch" do
    watcher = watch(debounce: 60, closed: true)
    make("new" => "content", "empty" => "")
    expect(reported(watcher)).to eq [[:created, "empty"], [:created, "new"], [:closed, "empty"], [:closed, "new"]]
    File.write(path("new"), "other")
    expect(reported(watcher)).to eq [[:modified, "new"], [:closed, "new"]]
  end

  it "is not reported without the option" do
    watcher = watch(debounce: 60)
    make("new" => "content")
    expect(reported(watcher)).to eq [[:created, "new"]]
  end

  it "reports files that are moved into place, from outside and within the tree" do
    make("in/", "out/a" => "1", "out/dir/deep/b" => "2", "in/part" => "3")
    watcher = watch("in", debounce: 60, closed: true)
    rename("out/a", "in/a")
    rename("out/dir", "in/dir")
    rename("in/part", "in/whole")
    expect(closed_now(watcher)).to contain_exactly("in/a", "in/dir/deep/b", "in/whole")
    rename("in/dir", "in/moved")
    expect(closed_now(watcher)).to eq ["in/moved/deep/b"]
  end

  it "does not report a file that is moved into place while somebody writes it, until that is over" do
    make("in/", "out/dir/b" => "1")
    watcher = watch("in", debounce: 60, closed: true)
    slowly("out/dir/b") do |write|
      rename("out/dir", "in/dir")
      write.call
      pass_the_tick
      expect(reported(watcher)).to contain_exactly([:created, "in/dir"], [:created, "in/dir/b"])
    end
    expect(reported(watcher)).to eq [[:closed, "in/dir/b"]]
  end

  it "reports a file whose writer was there before the watcher, even if it wrote nothing since" do
    watcher = slowly("file") do |write|
      write.call
      pass_the_tick
      watch(debounce: 60, closed: true)
    end
    expect(reported(watcher)).to eq [[:closed, "file"]]
  end

  it "reports hard links and symbolic links" do
    make("in/", "out/a" => "1")
    watcher = watch("in", debounce: 60, closed: true)
    File.link(path("out/a"), path("in/hard"))
    File.symlink("nothing", path("in/soft"))
    expect(closed_now(watcher)).to contain_exactly("in/hard", "in/soft")
  end

  it "reports a file that its writer closes by another name" do
    make("in/", "out/a" => "1")
    watcher = watch("in", closed: true)
    slowly("out/a") do |write|
      write.call
      File.link(path("out/a"), path("in/a"))
      File.delete(path("out/a"))
      expect(closed_now(watcher)).to eq []
    end
    expect(take_closed(watcher, 1)).to eq ["in/a"]
  end

  it "reports no close without a write, nor a change of the attributes" do
    watcher = watch(debounce: 60, closed: true)
    make("file" => "content")
    pass_the_tick
    expect(closed_now(watcher)).to eq ["file"]
    reopen("file")
    expect(reported(watcher)).to eq []
    File.chmod(0o600, path("file"))
    expect(reported(watcher)).to eq [[:attributes, "file"]]
  end

  it "reports each of two writers" do
    watcher = watch(debounce: 60, closed: true)
    slowly("file") do |first|
      slowly("file") { |second| [first, second].each(&:call) }
      expect(closed_now(watcher)).to eq ["file"]
      first.call
    end
    expect(closed_now(watcher)).to eq ["file"]
  end

  it "goes by filters" do
    watcher = watch(debounce: 60, closed: true, only: ["*.csv", /\Aother/], ignore: ["tmp/"])
    make("tmp/a.csv" => "1", "a.part" => "2", "b.csv" => "3", "other" => "4")
    rename("a.part", "a.csv")
    rename("tmp/a.csv", "c.csv")
    expect(closed_now(watcher)).to contain_exactly("a.csv", "b.csv", "c.csv", "other")
  end

  it "reports the targets of followed links" do
    make("in/", "out/file" => "1", "out/dir/file" => "2")
    %w[file dir].each { |name| File.symlink(path("out/#{name}"), path("in/#{name}")) }
    watcher = watch("in", debounce: 60, closed: true, follow_symlinks: true)
    slowly("out/file") do |write|
      write.call
      slowly("out/dir/file", &:call)
      expect(closed_now(watcher)).to eq ["in/dir/file"]
    end
    expect(closed_now(watcher)).to eq ["in/file"]
  end

  it "reports a single file" do
    make("single" => "1")
    watcher = watch("single", debounce: 60, closed: true)
    slowly("single") do |write|
      write.call
      expect(closed_now(watcher)).to eq []
    end
    expect(closed_now(watcher)).to eq ["single"]
    save_atomically("single", "2")
    expect(closed_now(watcher)).to eq ["single"]
  end

  it "loses no file when the queue overflows during writing", :queue_limit do
    make("in/")
    watcher = QueueLimit.with_queue_of(2) { watch("in", closed: true) }
    names = Array.new(300) { |number| "in/#{number}" }
    slowly("in/slow") do |write|
      write.call
      changes(watcher)
      names.each { |name| File.write(path(name), "content") }
      expect(closed_now(watcher)).to match_array(names)
      write.call
      names.each { |name| File.write(path(name), "other") }
    end
    names.each { |name| FileUtils.touch(path(name)) }
    expect(take_closed(watcher, 301).uniq).to match_array([*names, "in/slow"])
    expect(watcher.stats[:overflows]).to be_positive
  end

  it "reports files in polled directories when a scan finds them as they were" do
    watcher = watch(closed: true, poll: [:always, 0.05])
    slowly("file") do |write|
      write.call
      expect(take_until(watcher) { |found| found.any?(&:created?) }.map(&:type)).not_to include(:closed)
    end
    expect(take_closed(watcher, 1)).to eq ["file"]
  end

  it "takes files of another user as complete that a scan finds" do
    skip "only root can become another user" unless Process.uid.zero?
    make("in/", "out/dir/file" => "1")
    FileUtils.chmod(0o777, [dir, *%w[in out out/dir].map { |name| path(name) }])
    slowly("out/dir/file") do
      found = unprivileged do
        watcher = watch("in", debounce: 60, closed: true)
        rename("out/dir", "in/dir")
        closed_now(watcher)
      end
      expect(found).to eq ["in/dir/file"]
    end
  end

  describe "and since:" do
    def since(**options) = watch("in", debounce: 60, closed: true, since: path("state"), **options)

    before { make("in/") }

    it "begins with all complete files, and goes on after a restart" do
      make("in/old" => "1")
      pass_the_tick
      watcher = since
      expect(closed(watcher.take)).to eq ["in/old"]
      watcher.checkpoint(path("state"))
      watcher.close
      make("in/new" => "2")
      pass_the_tick
      watcher = since
      expect(closed(watcher.take)).to eq ["in/new"]
      reopen("in/old")
      expect(closed_now(watcher)).to eq []
    end

    it "reports a file after a restart that was closed meanwhile" do
      watcher = since
      slowly("in/file") do |write|
        write.call
        expect(reported(watcher)).to eq [[:created, "in"], [:created, "in/file"]]
        watcher.checkpoint(path("state"))
        watcher.close
      end
      expect(closed(since.take)).to eq ["in/file"]
    end

    it "refuses a checkpoint of a watcher that did not report closed files" do
      watch("in").checkpoint(path("state"))
      expect { since }.to raise_error(Inotify::CheckpointError, /closed files are reported/)
    end
  end
end
