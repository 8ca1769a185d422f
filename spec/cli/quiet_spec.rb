# frozen_string_literal: true

RSpec.describe "inotify_rs with a COMMAND" do
  def watching(*arguments, &block)
    command_line("--postpone", "-d", "0.2", *arguments, ".", "--", "echo", "{}", chdir: dir, &block)
  end

  # The clock that files get their times from is coarse.
  def old(name, content)
    File.write(path(name), content)
    wait_until { Time.now - File.stat(path(name)).ctime > 0.1 }
  end

  describe "and --if-content-changed" do
    it "does not run for a save that leaves the bytes as they were" do
      old("file", "content")
      watching("--if-content-changed") do |program|
        File.write(path("file"), "content")
        touch("last")
        expect(program.line.split).to eq(["./last"])
        File.write(path("file"), "other")
        expect(program.line).to eq("./file\n")
      end
    end

    it "does not run for an atomic save that leaves the bytes as they were, nor for new times" do
      old("file", "content")
      watching("--if-content-changed") do |program|
        File.write(path("file~"), "content")
        rename("file~", "file")
        FileUtils.touch(path("file"), mtime: Time.at(0))
        File.write(path("last"), "")
        expect(program.line.split).to eq(["./last"])
      end
    end

    it "runs for files that are new, renamed or gone" do
      old("file", "content")
      watching("--if-content-changed") do |program|
        File.write(path("copy"), "content")
        expect(program.line).to eq("./copy\n")
        rename("file", "moved")
        expect(program.line).to eq("./moved\n")
        File.delete(path("moved"))
        expect(program.line).to eq("./moved\n")
      end
    end
  end

  describe "while git works" do
    before { make(".git/HEAD", "sub/") }

    # The second debounce is longer than the end of git's work is waited for.
    { "0.2" => 0.5, "0.7" => 1.2 }.each do |debounce, quiet|
      it "waits, and runs once for all, with a debounce of #{debounce} s" do
        touch(".git/index.lock")
        watching("-d", debounce) do |program|
          touch("a")
          expect(program.out.wait_readable(quiet)).to be_nil
          touch("b")
          File.delete(path(".git/index.lock"))
          expect(program.line.split).to contain_exactly("./a", "./b")
        end
      end
    end

    it "waits in a directory of the work tree, and while a rebase is going on" do
      Dir.mkdir(path(".git/rebase-merge"))
      command_line("--postpone", "sub", "--", "echo", "{}", chdir: dir) do |program|
        touch("sub/a")
        expect(program.out.wait_readable(0.5)).to be_nil
        Dir.rmdir(path(".git/rebase-merge"))
        expect(program.line).to eq("sub/a\n")
      end
    end

    it "does not wait longer than ten seconds" do
      touch(".git/index.lock")
      watching do |program|
        touch("a")
        expect(program.line).to eq("./a\n")
      end
    end

    it "does not wait with --no-git-wait" do
      touch(".git/index.lock")
      watching("--no-git-wait") do |program|
        touch("a")
        expect(program.line).to eq("./a\n")
      end
      expect(File.exist?(path(".git/index.lock"))).to be(true)
    end
  end
end
