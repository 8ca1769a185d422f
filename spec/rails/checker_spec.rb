# frozen_string_literal: true

require "pathname"
require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker do
  before { write("a.rb") }

  it "has nothing to report at first" do
    expect(checker.updated?).to be false
  end

  {
    "written" => -> { File.write(path("a.rb"), "more") },
    "touched" => -> { FileUtils.touch(path("a.rb")) },
    "made" => -> { write("b.rb") },
    "removed" => -> { File.delete(path("a.rb")) },
    "renamed" => -> { File.rename(path("a.rb"), path("b.rb")) },
    "replaced by a rename" => -> { write("a.tmp").then { File.rename(path("a.tmp"), path("a.rb")) } },
    "renamed to a name that does not count" => -> { File.rename(path("a.rb"), path("a.txt")) },
    "linked to" => -> { File.link(path("a.rb"), path("b.rb")) },
    "given a time in the future" => -> { File.utime(Time.now, Time.now + 86_400, path("a.rb")) },
    "given the time 0" => -> { File.utime(0, 0, path("a.rb")) }
  }.each do |what, change|
    it "reports at once that a file was #{what}" do
      checker = checker()
      instance_exec(&change)
      expect(checker.updated?).to be true
    end
  end

  it "reports a change until it is executed, and not again" do
    checker = checker()
    write("a.rb")
    expect(Array.new(2) { checker.updated? }).to eq [true, true]
    checker.execute
    expect(checker.updated?).to be false
  end

  it "reports a file whose time is in the future when that is written again" do
    File.utime(Time.now, Time.now + 86_400, path("a.rb"))
    checker = checker()
    write("a.rb", content: "new")
    expect(checker.updated?).to be true
  end

  it "reports nothing of a file that is read" do
    checker = checker()
    File.read(path("a.rb"))
    expect(checker.updated?).to be false
  end

  it "calls the block when it is executed, and returns what that returns" do
    calls = 0
    checker = checker({}) { calls += 1 }
    expect([checker.execute, calls]).to eq [1, 1]
  end

  it "calls a block of the caller's before its own when it is executed for a change" do
    order = []
    checker = checker { order << :execute }
    write("a.rb")
    expect(checker.execute_if_updated { order << :before }).to be true
    expect(order).to eq %i[before execute]
  end

  it "calls nothing when nothing changed" do
    checker = checker { raise "called" }
    expect(checker.execute_if_updated { raise "called" }).to be false
  end

  it "reports what changes while it executes" do
    checker = checker { write("a.rb") }
    checker.execute
    expect(checker.updated?).to be true
  end

  it "reports nothing of what changed before it was executed" do
    checker = checker()
    write("a.rb")
    checker.execute
    expect(checker.updated?).to be false
  end

  it "reports a change again when its block raised" do
    checker = checker { raise IOError }
    write("a.rb")
    expect { checker.execute_if_updated }.to raise_error(IOError)
    expect(checker.updated?).to be true
  end

  {
    "gets an entry" => -> { write("config/b.yml") },
    "loses an entry" => -> { File.delete(path("config/a.yml")) },
    "has an entry renamed" => -> { File.rename(path("config/a.yml"), path("config/.b")) },
    "gets a directory" => -> { Dir.mkdir(path("config/locales")) },
    "is removed" => -> { FileUtils.rm_r(path("config")) },
    "is replaced" => -> { FileUtils.rm_r(path("config")).then { Dir.mkdir(path("config")) } }
  }.each do |what, change|
    it "reports that a directory that is given among the files #{what}" do
      write("config/a.yml")
      checker = checker({}, files: [path("config")])
      instance_exec(&change)
      expect(checker.updated?).to be true
    end
  end

  it "reports nothing of what is written in a directory that is given among the files" do
    write("config/a.yml", "config/deep/b.yml")
    checker = checker({}, files: [path("config")])
    write("config/a.yml", "config/deep/c.yml")
    expect(checker.updated?).to be false
  end

  it "reports an entry of a directory that is made where a file was given" do
    write("config")
    checker = checker({}, files: [path("config")])
    File.delete(path("config"))
    Dir.mkdir(path("config"))
    noticed?(checker)
    write("config/a.yml")
    expect(checker.updated?).to be true
  end

  it "takes single files, there or not, and none beside them" do
    checker = checker({}, files: [path("a.rb"), Pathname(path("later/x.yml"))])
    write("b.rb", "later/y.yml")
    expect(noticed?(checker)).to be false
    write("a.rb")
    expect(noticed?(checker)).to be true
    write("later/x.yml")
    expect(noticed?(checker)).to be true
  end

  it "takes relative paths, of the working directory there is when it is made" do
    script = <<~RUBY
      require "inotify_rs/rails"
      Dir.chdir("#{dir}")
      checker = Inotify::FileUpdateChecker.new(["x"], { "." => "rb" }) {}
      Dir.chdir("/")
      reported = %w[x a.rb].map { |name| File.write("#{dir}/\#{name}", "") && checker.execute_if_updated }
      p reported, checker.updated?
    RUBY
    expect(ruby(script)).to eq "[true, true]\nfalse"
  end

  it "takes an Array of directories, where all files count" do
    checker = checker([dir])
    write("a.any")
    expect(checker.updated?).to be true
  end

  it "watches nothing when nothing is given" do
    expect(checker({}).updated?).to be false
  end

  it "shows how much it watches, and not all of it" do
    expect(checker({ dir => [] }, files: [path("a.rb")]).inspect)
      .to eq "#<Inotify::FileUpdateChecker 1 files, 1 directories>"
  end

  it "needs no RubyGems" do
    script = "p Inotify::FileUpdateChecker.new([], { '.' => ['rb'] }) {}.updated?"
    command = Program.ruby("--disable-gems", "-I", Children::LIB, "-r", "inotify_rs/rails", "-e", script)
    expect(Program.run(*command, chdir: dir).then { |run| [run.out, run.err] }).to eq ["false\n", ""]
  end

  it "knows names of any bytes" do
    checker = checker({ "#{dir}/d\xFF" => [] }, files: ["#{dir}/f\xFF"])
    write("f\xFF")
    expect(noticed?(checker)).to be true
    write("d\xFF/\xFE")
    expect(noticed?(checker)).to be true
  end

  it "notices what is written to a given file through another name" do
    write("a.rb", "other/x")
    File.link(path("a.rb"), path("other/b.rb"))
    checker = checker({}, files: [path("a.rb")])
    File.write(path("other/b.rb"), "more")
    expect([noticed?(checker), noticed?(checker)]).to eq [true, false]
  end
end
