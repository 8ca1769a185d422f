# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and changes that belong together" do
  let(:watcher) do
    make("old" => "1", "dir/in" => "1")
    watch(debounce: 3600)
  end

  before { watcher }

  {
    "created and modified is created" => [-> { 3.times { |i| File.write(path("a"), i.to_s) } }, [[:created, "a"]]],
    "created and deleted is nothing" => [-> { touch("a") && File.unlink(path("a")) }, []],
    "a directory made and removed is nothing" => [-> { make("d/e/f" => "1") && FileUtils.rm_rf(path("d")) }, []],
    "modified again and again is modified" => [-> { 3.times { File.write(path("old"), "2") } }, [[:modified, "old"]]],
    "modified and deleted is deleted" => [
      -> { File.write(path("old"), "2") && File.unlink(path("old")) }, [[:deleted, "old"]]
    ],
    "deleted and created is modified" => [-> { File.unlink(path("old")) && touch("old") }, [[:modified, "old"]]],
    "deleted, created and deleted is deleted" => [
      -> { File.unlink(path("old")) && touch("old") && File.unlink(path("old")) }, [[:deleted, "old"]]
    ],
    "an atomic save of an existing file is modified" => [-> { save_atomically("old", "2") }, [[:modified, "old"]]],
    "an atomic save of a new file is created" => [-> { save_atomically("new", "2") }, [[:created, "new"]]],
    "a save that keeps a backup is modified, and the backup is reported" => [
      lambda {
        File.rename(path("old"), path("old~"))
        File.write(path("old"), "2")
      }, [[:renamed, "old", "old~"], [:created, "old"]]
    ],
    "a renamed and modified file is both" => [
      -> { File.rename(path("old"), path("new")) && File.write(path("new"), "22") },
      [[:renamed, "old", "new"], [:modified, "new"]]
    ],
    "a file renamed and deleted is deleted" => [
      -> { File.rename(path("old"), path("tmp")) && File.unlink(path("tmp")) }, [[:deleted, "old"]]
    ],
    "a file made and renamed is created at the end" => [
      -> { touch("tmp") && File.rename(path("tmp"), path("new")) }, [[:created, "new"]]
    ],
    "a directory removed and made again empty is reported by what was in it" => [
      -> { FileUtils.rm_rf(path("dir")) && Dir.mkdir(path("dir")) }, [[:deleted, "dir/in"]]
    ],
    "attributes and modified is modified" => [
      -> { File.chmod(0o600, path("old")) && File.write(path("old"), "2") }, [[:modified, "old"]]
    ]
  }.each do |name, (act, expected)|
    it "knows that #{name}" do
      instance_exec(&act)
      expect(reported(watcher)).to eq expected
    end
  end

  # Two renames one after the other look like an exchange of the two, after which the content may be another.
  it "knows that a file renamed twice is renamed once" do
    File.rename(path("old"), path("tmp"))
    File.rename(path("tmp"), path("new"))
    expect(reported(watcher) - [[:modified, "new"]]).to eq [[:renamed, "old", "new"]]
  end

  it "knows that a file renamed and renamed back is nothing, or modified" do
    File.rename(path("old"), path("tmp"))
    File.rename(path("tmp"), path("old"))
    expect(reported(watcher) - [[:modified, "old"]]).to eq []
  end

  it "merges in one batch however much happens, and reports the end of it" do
    1_000.times { |number| File.write(path("busy#{number % 10}"), number.to_s) }
    expect(reported(watcher)).to eq(Array.new(10) { |number| [:created, "busy#{number}"] })
  end
end
