# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and its roots" do
  def reported_paths(watcher) = changes(watcher).map(&:path)

  it "reports relative paths under a relative root" do
    make("app/models/")
    Dir.chdir(dir) do
      watcher = new_watcher("app")
      touch("app/models/user.rb")
      expect(reported_paths(watcher)).to eq ["app/models/user.rb"]
    end
  end

  it "still reports a relative root when the working directory changes" do
    make("app/", "elsewhere/")
    watcher = Dir.chdir(dir) { new_watcher("app") }
    touch("app/a")
    expect(reported_paths(watcher)).to eq ["app/a"]
  end

  it "reports under . as it was given" do
    Dir.chdir(dir) do
      watcher = new_watcher(".")
      touch("a")
      expect(reported_paths(watcher)).to eq ["./a"]
    end
  end

  it "follows .. in a root" do
    make("a/b/")
    watcher = new_watcher("#{dir}/a/b/..")
    touch("a/x")
    expect(reported_paths(watcher)).to eq ["#{dir}/a/b/../x"]
  end

  it "reports under a root with slashes at its end as under one without" do
    watcher = new_watcher("#{dir}//")
    touch("a")
    expect([reported_paths(watcher), watcher.paths]).to eq [[path("a")], [dir, path("a")]]
  end

  it "watches several roots" do
    make("a/", "b/c/", "unwatched/")
    watcher = watch("a", "b/c")
    touch("a/x", "b/c/y", "b/z", "unwatched/x")
    expect(reported(watcher)).to eq [[:created, "a/x"], [:created, "b/c/y"]]
  end

  it "reports a nested root once, under the outer one, in whichever order they are given" do
    make("a/b/")
    [%w[a a/b], %w[a/b a]].each_with_index do |names, number|
      watcher = watch(*names)
      touch("a/b/#{number}")
      expect(reported(watcher)).to eq [[:created, "a/b/#{number}"]]
    end
  end

  it "matches predicates with the path below the same root as patterns, if a pattern ignores an inner root" do
    make("app/sub/")
    [{ ignore: ["sub/"] }, { ignore: ["app/sub/"] }, { gitignore: true }, {}].each_with_index do |options, number|
      Dir.chdir(dir) do
        watcher = new_watcher("app", "app/sub", only: [%r{\A(?:sub/)?x\d\.rb\z}], **options)
        touch("app/sub/x#{number}.rb")
        expect([reported_paths(watcher), watcher.paths.grep(/x#{number}/)]).to eq [["app/sub/x#{number}.rb"]] * 2
      end
    end
  end

  it "reports a file that is a root whatever predicates say, below another root, too" do
    make("app/y" => "1")
    watcher = watch("app", "app/y", only: [/\Ax\z/])
    File.write(path("app/y"), "2")
    expect(reported(watcher)).to eq [[:modified, "app/y"]]
  end

  it "reports the same root given twice once" do
    watcher = new_watcher(dir, dir, "#{dir}/", "#{dir}/.")
    touch("a")
    expect(reported_paths(watcher)).to eq [path("a")]
  end

  it "keeps roots apart whose names begin alike" do
    make("lib/", "library/")
    watcher = watch("lib", "library")
    touch("lib/a", "library/b")
    expect(reported(watcher)).to eq [[:created, "lib/a"], [:created, "library/b"]]
  end

  it "reports nested roots that are not entered recursively" do
    make("a/b/")
    watcher = watch("a", "a/b", recursive: false)
    touch("a/x", "a/b/y")
    expect(reported(watcher)).to eq [[:created, "a/b/y"], [:created, "a/x"]]
  end

  it "watches a file, and none of its neighbours" do
    make("a" => "1", "b" => "1")
    watcher = watch("a")
    %w[a b].each { |name| File.write(path(name), "22") }
    touch("c")
    expect([reported(watcher), watcher.paths]).to eq [[[:modified, "a"]], [path("a")]]
  end

  it "watches two files of one directory, and the directory of a third" do
    make("a" => "1", "b" => "1", "sub/c" => "1")
    watcher = watch("a", "b", "sub")
    %w[a b sub/c].each { |name| File.write(path(name), "22") }
    expect(reported(watcher)).to eq [[:modified, "a"], [:modified, "b"], [:modified, "sub/c"]]
  end

  it "waits for a root that is missing while its parent exists" do
    watcher = watch("later")
    expect(watcher.paths).to eq []
    Dir.mkdir(path("later"))
    touch("later/a")
    expect(reported(watcher)).to eq [[:created, "later"], [:created, "later/a"]]
  end

  it "waits for a root whose parents are missing, too" do
    watcher = watch("so/much/later")
    make("so/much/later/a" => "1")
    expect(reported(watcher)).to eq [[:created, "so/much/later"], [:created, "so/much/later/a"]]
  end

  it "waits for a file that is missing" do
    watcher = watch("later")
    touch("earlier", "later")
    expect(reported(watcher)).to eq [[:created, "later"]]
  end

  it "watches the top directory of the system without entering it" do
    watcher = new_watcher("/", recursive: false)
    expect(watcher.paths).to include("/", "/tmp", "/proc")
  end

  it "watches a device file like any other" do
    watcher = new_watcher(File::NULL)
    expect(watcher.paths).to eq [File::NULL]
  end

  it "reports symbolic links in the tree as of files, and does not enter them" do
    make("watched/", "elsewhere/")
    File.symlink(path("elsewhere"), path("watched/link"))
    watcher = watch("watched")
    touch("elsewhere/a")
    File.symlink("nowhere", path("watched/dangling"))
    expect(changes(watcher).map(&:to_h)).to match [
      include(type: :created, path: path("watched/dangling"), directory: false)
    ]
  end

  it "ends where links lead up" do
    make("a/b/")
    File.symlink("..", path("a/b/up"))
    File.symlink("b", path("a/sibling"))
    expect(known(synced(watch))).to eq %w[a a/b a/b/up a/sibling]
  end

  it "passes FIFOs and sockets by without opening them" do
    File.mkfifo(path("fifo"))
    watcher = watch
    File.mkfifo(path("another"))
    expect([known(synced(watcher)), reported(watcher)]).to eq [%w[another fifo], [[:created, "another"]]]
  end
end
