# frozen_string_literal: true

RSpec.describe "the filters of inotify_rs" do
  # The paths reported for some files: so many, and then that of a file that is created after them.
  def reported(*arguments, count:, files: %w[log/a.rb a.txt a.log b.rb])
    command_line("--null", *arguments, ".", chdir: dir) do |program|
      touch(*files)
      paths = Array.new(count) { program.out.gets("\0", chomp: true) }
      touch("last.rb")
      paths << program.out.gets("\0", chomp: true)
    end
  end

  before { Dir.mkdir(path("log")) }

  it "report only files that match --only" do
    expect(reported("--only", "*.rb", count: 2)).to contain_exactly("./log/a.rb", "./b.rb", "./last.rb")
  end

  it "take --only more than once" do
    expect(reported("--only", "*.txt", "--only", "last.*", count: 1)).to eq(["./a.txt", "./last.rb"])
  end

  it "report nothing that matches --ignore" do
    expect(reported("--ignore", "log/", "--ignore=*.txt", count: 2))
      .to contain_exactly("./a.log", "./b.rb", "./last.rb")
  end

  it "report nothing that git ignores with --gitignore" do
    File.write(path(".gitignore"), "*.log\n")
    expect(reported("--gitignore", count: 3)).to contain_exactly("./log/a.rb", "./a.txt", "./b.rb", "./last.rb")
  end

  it "report nothing below with --no-recursive" do
    expect(reported("--no-recursive", files: %w[log/a], count: 0)).to eq(["./last.rb"])
  end

  it "follow links with --follow-symlinks" do
    FileUtils.mkdir_p(path("elsewhere"))
    FileUtils.mkdir_p(path("tree"))
    File.symlink("../elsewhere", path("tree/link"))
    command_line("--follow-symlinks", "tree", chdir: dir) do |program|
      touch("elsewhere/new")
      expect(program.line).to eq("created    tree/link/new\n")
    end
  end

  it "report only the given --types" do
    touch("old")
    command_line("--types", "deleted,renamed", dir) do |program|
      touch("new")
      File.rename(path("old"), path("older"))
      expect(program.line).to eq("renamed    #{path("old")} -> #{path("older")}\n")
    end
  end

  it "merge what happens within --debounce" do
    command_line("--debounce", "1", dir) do |program|
      touch("a")
      File.write(path("a"), "content")
      File.rename(path("a"), path("b"))
      expect(program.line).to eq("created    #{path("b")}\n")
    end
  end

  it "take patterns of UTF-8 where the locale is not" do
    command_line("--only", "é*", dir, environment: { "LC_ALL" => "C" }) do |program|
      touch("a", "é")
      expect(program.line.b).to end_with("/é\n".b)
    end
  end
end
