# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and names" do
  {
    "Latin-1" => "caf\xe9".b, "bytes of every kind" => (1..255).map(&:chr).join.b.delete("/")[0, 200],
    "one newline" => "\n", "a space and a backslash" => " \\ ", "255 bytes" => "n" * 255, "UTF-8" => "ねこ",
    "255 bytes of UTF-8" => "é" * 127, "a dash" => "-rf", "two dots and more" => "...", "glob signs" => "[a]{b}*?"
  }.each do |kind, name|
    it "reports files and directories named with #{kind}, and follows them" do
      watcher = watch
      full = "#{dir}/".b + name.b
      Dir.mkdir(full)
      File.write("#{full}/".b + name.b, "")
      expect(changes(watcher).map { |change| change.path.b }).to eq [full, "#{full}/".b + name.b]
      File.rename(full, path("z"))
      expect(changes(watcher).first).to have_attributes(type: :renamed, from: have_attributes(b: full), path: path("z"))
    end
  end

  it "watches a root whose name is no UTF-8" do
    root = "#{dir}/".b + "caf\xe9".b
    Dir.mkdir(root)
    watcher = new_watcher(root)
    File.write("#{root}/a", "")
    expect(changes(watcher).map { |change| change.path.b }).to eq ["#{root}/a".b]
  end

  it "watches a root named in UTF-16, and one in Latin-1 by its bytes" do
    Dir.mkdir(path("\xe9".b))
    watchers = [new_watcher(dir.encode("UTF-16LE")), new_watcher((+"#{dir}/\xe9").force_encoding("ISO-8859-1"))]
    File.write("#{dir.b}/\xe9/a".b, "")
    expect(watchers.map { |watcher| changes(watcher).map { |change| change.path.b } })
      .to all(eq(["#{dir.b}/\xe9/a".b]))
  end

  # Runs a script in a directory whose path has 8,000 bytes.
  def at_depth(script)
    ruby(<<~RUBY)
      Dir.chdir("#{dir}")
      40.times { Dir.exist?("d" * 200) || Dir.mkdir("d" * 200); Dir.chdir("d" * 200) }
      #{script}
    RUBY
  end

  it "follows a tree deeper than a path may be long" do
    watcher = watch
    at_depth("File.write('leaf', '1')")
    expect(changes(watcher).map { |change| change.path.bytesize }.max).to eq dir.bytesize + (40 * 201) + 5
    at_depth("File.write('leaf', '2')")
    expect(changes(watcher).map(&:type)).to eq [:modified]
    system("rm", "-rf", path("d" * 200))
    expect(known(synced(watcher))).to eq []
  end

  it "finds a tree deeper than a path may be long when it starts" do
    at_depth("")
    watcher = watch
    at_depth("File.write('leaf', '1')")
    expect(changes(watcher).map(&:type)).to eq [:created]
    system("rm", "-rf", path("d" * 200))
  end

  it "knows 20,000 files in one directory", :slow do
    Dir.mkdir(path("many"))
    watcher = watch
    20_000.times { |number| File.write(path("many/#{number}"), "") }
    expect([changes(watcher).count(&:created?), synced(watcher).paths.size]).to eq [20_000, 20_002]
    FileUtils.rm_rf(path("many"))
    expect(changes(watcher).size).to eq 20_001
  end
end
