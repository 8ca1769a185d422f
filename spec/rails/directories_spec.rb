# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and directories" do
  # Whether a checker of the directory notices what the block does.
  def notices(dirs = { dir => ["rb"] })
    checker = checker(dirs)
    yield
    noticed?(checker)
  end

  it "reports nothing of a directory that is made, or an empty one that is removed" do
    expect(notices { FileUtils.mkdir_p(path("a/b")) }).to be false
    expect(notices { FileUtils.rmdir(path("a/b")) }).to be false
  end

  it "reports files in directories that are new" do
    expect(notices { write("a/b/c.rb") }).to be true
  end

  it "reports a file in a directory that is made between two questions" do
    checker = checker()
    FileUtils.mkdir_p(path("a/b"))
    expect(noticed?(checker)).to be false
    write("a/b/c.rb")
    expect(noticed?(checker)).to be true
  end

  it "reports a directory with files that is renamed, into the tree, within it and out of it" do
    write("a/x.rb")
    below = path("below")
    FileUtils.mkdir(below)
    reported = [%w[a below/a], %w[below/a below/b], %w[below/b b]].map do |from, to|
      notices({ below => "rb" }) { File.rename(path(from), path(to)) }
    end
    expect(reported).to eq [true, true, true]
  end

  it "reports nothing of what was moved out of the tree" do
    write("in/a/x.rb")
    checker = checker({ path("in") => [] })
    File.rename(path("in/a"), path("a"))
    expect(noticed?(checker)).to be true
    write("a/x.rb", "a/y.rb")
    expect(noticed?(checker)).to be false
  end

  it "reports files in a directory that is renamed while nobody asks" do
    checker = checker()
    write("a/x.rb")
    noticed?(checker)
    FileUtils.mkdir(path("b"))
    File.rename(path("a"), path("b/c"))
    noticed?(checker)
    write("b/c/x.rb")
    expect(noticed?(checker)).to be true
  end

  it "reports a directory that is removed with its files, and one that takes its place" do
    write("a/x.rb")
    expect(notices { FileUtils.rm_r(path("a")) }).to be true
    expect(notices { write("a/x.rb") }).to be true
  end

  it "counts by extension, with a dot or without, of several parts too" do
    checker = checker({ dir => [".rb", :yml, "html.erb"] })
    reported = %w[a.rb b.yml c.html.erb d.erb e.rbx rb f.txt].map { |name| write(name) && noticed?(checker) }
    expect(reported).to eq [true, true, true, false, false, false, false]
  end

  it "counts all files where no extension is given" do
    [nil, []].each { |extensions| expect(notices({ dir => extensions }) { write("x#{extensions}") }).to be true }
  end

  it "has subdirectories inherit extensions, and adds their own" do
    checker = checker({ dir => "rb", path("views") => "erb" })
    reported = %w[views/a.rb views/b.erb c.erb].map { |name| write(name) && noticed?(checker) }
    expect(reported).to eq [true, true, false]
  end

  it "leaves out hidden files, and all in hidden directories" do
    expect(notices({ dir => [] }) { write(".a.swp", ".git/index") }).to be false
  end

  it "watches a directory whose own path is hidden" do
    write(".hidden/a.rb")
    expect(notices({ path(".hidden") => "rb" }) { write(".hidden/a.rb") }).to be true
  end

  it "leaves out what is under Gem.path, and a directory that is one of its own" do
    script = <<~RUBY
      require "inotify_rs/rails"
      gems = "#{dir}/vendor/gems"
      FileUtils.mkdir_p("\#{gems}/foo/lib")
      Gem.use_paths(gems, [gems])
      checkers = [[[], { "#{dir}" => [] }], [["\#{gems}/foo/x"], { "\#{gems}/foo/lib" => [] }],
                  [[], { gems => [] }]].map do |arguments|
        Inotify::FileUpdateChecker.new(*arguments) {}
      end
      %w[foo/x foo/lib/a.rb bar].each { |name| File.write("\#{gems}/\#{name}", "") }
      p checkers.map(&:updated?)
    RUBY
    expect(ruby(script)).to eq "[false, false, false]"
  end
end
