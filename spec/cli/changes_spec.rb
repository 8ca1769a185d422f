# frozen_string_literal: true

RSpec.describe "inotify_rs PATH" do
  it "prints what changes in a tree, a line each" do
    command_line(dir) do |program|
      FileUtils.mkdir_p(path("a/b"))
      File.write(path("a/b/file"), "")
      expect(lines(program, 3))
        .to eq(["created    #{path("a")}/", "created    #{path("a/b")}/", "created    #{path("a/b/file")}"])
    end
  end

  it "prints both paths of a rename" do
    touch("old")
    command_line(dir) do |program|
      File.rename(path("old"), path("new"))
      expect(program.line).to eq("renamed    #{path("old")} -> #{path("new")}\n")
    end
  end

  it "watches the working directory where no path is given" do
    command_line(chdir: dir) do |program|
      touch("new")
      expect(program.line).to eq("created    ./new\n")
    end
  end

  it "watches several paths, files among them" do
    touch("file")
    Dir.mkdir(path("sub"))
    command_line(path("file"), path("sub")) do |program|
      File.write(path("file"), "content")
      expect(program.line).to eq("modified   #{path("file")}\n")
      touch("sub/new")
      expect(program.line).to eq("created    #{path("sub/new")}\n")
    end
  end

  it "lists first what is there with --initial" do
    touch("file")
    Dir.mkdir(path("sub"))
    File.symlink("sub", path("link"))
    command_line("--initial", dir) do |program|
      expect(lines(program, 4)).to contain_exactly("existing   #{dir}/", "existing   #{path("file")}",
                                                   "existing   #{path("link")}", "existing   #{path("sub")}/")
      touch("new")
      expect(program.line).to eq("created    #{path("new")}\n")
    end
  end

  it "prints bytes as they are" do
    command_line(dir) do |program|
      touch("caf\xE9\e".b)
      expect(program.line.b).to eq("created    #{dir}/caf\xE9\e\n".b)
    end
  end

  it "watches a path of any bytes" do
    Dir.mkdir(path("caf\xE9".b))
    command_line("caf\xE9".b, chdir: dir) do |program|
      touch("caf\xE9/new".b)
      expect(program.line.b).to eq("created    caf\xE9/new\n".b)
    end
  end

  it "waits for a path that is not there yet, and says so" do
    command_line(path("later")) do |program|
      touch("later")
      expect([program.line, program.err.lines.first])
        .to eq(["created    #{path("later")}\n",
                "inotify_rs: #{path("later")} does not exist yet; it is watched when it appears\n"])
    end
  end

  it "continues when its directory is removed and created again" do
    Dir.mkdir(path("sub"))
    command_line(path("sub")) do |program|
      Dir.rmdir(path("sub"))
      expect(program.line).to eq("deleted    #{path("sub")}/\n")
      Dir.mkdir(path("sub"))
      expect(program.line).to eq("created    #{path("sub")}/\n")
    end
  end

  it "says what it watches when it is ready" do
    touch("file")
    command_line(dir) do |program|
      expect(program.err).to eq("inotify_rs: ready: watching 1 directory with 1 file\n")
    end
  end

  it "says nothing with --quiet" do
    command_line("--quiet", dir) { |program| expect(program.err).to eq("") }
  end
end
