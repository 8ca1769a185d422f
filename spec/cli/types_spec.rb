# frozen_string_literal: true

RSpec.describe "inotify_rs --types" do
  it "written reports files with a new content at their path, whatever brought it there" do
    make("old/a", "old/sub/b", "kept")
    Dir.mktmpdir do |outside|
      FileUtils.mkdir_p("#{outside}/in/deep")
      File.write("#{outside}/in/deep/c", "")
      command_line("--null", "--types", "written", ".", chdir: dir) do |program|
        rename("old", "new")
        rename("kept", "moved")
        FileUtils.mv("#{outside}/in", path("in"))
        File.write(path("last"), "")
        paths = Array.new(5) { program.out.gets("\0", chomp: true) }
        expect(paths).to contain_exactly("./new/a", "./new/sub/b", "./moved", "./in/deep/c", "./last")
      end
    end
  end

  it "written is the type that is printed, and only for files" do
    command_line("--types", "written,deleted", ".", chdir: dir) do |program|
      Dir.mkdir(path("dir"))
      File.write(path("dir/file"), "")
      expect(program.line).to eq("written    ./dir/file\n")
      FileUtils.rm(path("dir/file"))
      expect(program.line).to eq("deleted    ./dir/file\n")
    end
  end

  it "written loses no file in the recipe of docs/command-line.md that copies, renames of directories among them" do
    make("src/a/1", "src/a/b/2", "copy/")
    script = "#{(CommandLine::COMMAND + %w[--ready-fd 9 --null --types written src]).shelljoin} | " \
             "xargs -0 -I{} cp --parents {} copy/"
    ready, writer = IO.pipe
    Program.start("sh", "-c", script, chdir: dir, 9 => writer) do |_|
      ready.gets
      rename("src/a", "src/z")
      make("src/new.tmp")
      rename("src/new.tmp", "src/new")
      wait_until { %w[z/1 z/b/2 new].all? { |name| File.exist?(path("copy/src/#{name}")) } }
      expect(Dir.children(path("copy/src"))).to include("z", "new")
    end
  ensure
    [ready, writer].each(&:close)
  end

  it "touched reports files that a program writes or whose times it sets" do
    touch("a", "b")
    command_line("--types", "touched", ".", chdir: dir) do |program|
      FileUtils.touch(path("a"))
      expect(program.line).to eq("touched    ./a\n")
      File.write(path("b"), "x")
      expect(program.line).to eq("touched    ./b\n")
    end
  end

  it "reports only a renamed directory, whether its files were reported before or not" do
    command_line(".", chdir: dir) do |program|
      make("old/1", "old/2")
      lines(program, 3)
      rename("old", "new")
      expect(program.line).to eq("renamed    ./old -> ./new/\n")
      touch("last")
      expect(program.line).to eq("created    ./last\n")
    end
  end
end
