# frozen_string_literal: true

# Opening a file for writing and closing it causes an event, whether nothing was written, or something through a
# memory map. The times of the file show it.
RSpec.describe Inotify::Watcher, "and files that are closed" do
  before do
    make("db" => "content", "sub/db" => "content", "single" => "content")
    pass_the_tick
  end

  it "reports nothing where nothing was written" do
    watcher = watch(debounce: 60)
    reopen("db", "sub/db", "db")
    expect(reported(watcher)).to eq []
  end

  it "reports a write and no later close without one" do
    watcher = watch(debounce: 60)
    File.write(path("db"), "more")
    pass_the_tick
    expect(reported(watcher)).to eq [[:modified, "db"]]
    3.times { reopen("db") }
    expect(reported(watcher)).to eq []
  end

  it "reports what was closed without a write when it was made just now" do
    watcher = watch(debounce: 60)
    File.open(path("new"), "ab").close
    expect(reported(watcher)).to eq [[:created, "new"]]
  end

  it "reports what was written through a memory map, each time" do
    watcher = watch(debounce: 60)
    2.times do
      write_mapped("db")
      write_mapped("sub/db")
      pass_the_tick
      expect(reported(watcher)).to contain_exactly([:modified, "db"], [:modified, "sub/db"])
      reopen("db", "sub/db")
      expect(reported(watcher)).to eq []
    end
  end

  it "reports both apart for a single file" do
    watcher = watch("single", debounce: 60)
    reopen("single")
    expect(reported(watcher)).to eq []
    write_mapped("single")
    expect(reported(watcher)).to eq [[:modified, "single"]]
  end

  it "reports both apart in a directory that is renamed" do
    watcher = watch(debounce: 60)
    reopen("sub/db")
    File.rename(path("sub"), path("other"))
    expect(reported(watcher)).to eq [[:renamed, "sub", "other"]]
    write_mapped("other/db")
    File.rename(path("other"), path("third"))
    expect(reported(watcher)).to eq [[:renamed, "other", "third"], [:modified, "third/db"]]
  end
end
