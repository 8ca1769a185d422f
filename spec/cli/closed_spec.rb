# frozen_string_literal: true

RSpec.describe "inotify_rs --types closed" do
  it "prints a file once, when its slow upload is closed" do
    make("in/")
    command_line("--types", "closed", "in", chdir: dir) do |program|
      File.open(path("in/upload"), "ab") do |file|
        3.times do
          file.write("part")
          file.flush
          expect(program.out.wait_readable(0.1)).to be_nil
        end
      end
      expect(program.line).to eq("closed     in/upload\n")
      touch("in/last")
      expect(program.line).to eq("closed     in/last\n")
    end
  end

  it "prints files that are moved into place, also with their directory" do
    make("in/", "out/moved", "out/dir/file")
    command_line("--types", "closed", "in", chdir: dir) do |program|
      rename("out/moved", "in/moved")
      expect(program.line).to eq("closed     in/moved\n")
      rename("out/dir", "in/dir")
      expect(program.line).to eq("closed     in/dir/file\n")
    end
  end

  it "runs COMMAND only for complete files" do
    make("in/")
    command_line("-p", "--types", "closed", "in", "--", "cat", "{}", chdir: dir) do |program|
      File.open(path("in/upload"), "ab") do |file|
        file.write("first ")
        file.flush
        expect(program.out.wait_readable(0.2)).to be_nil
        file.puts("second")
      end
      expect(program.line).to eq("first second\n")
    end
  end

  it "goes on with --since, and gives each complete file to COMMAND" do
    make("in/")
    File.write(path("in/old"), "content")
    arguments = %w[--since state --types closed --once --timeout 0 in -- echo {}]
    expect(run_command_line(*arguments, chdir: dir).out).to eq("in/old\n")
    wait_until { Time.now - File.stat(path("in/old")).ctime > 0.1 }
    File.write(path("in/new"), "content")
    expect(run_command_line(*arguments, chdir: dir).out).to eq("in/new\n")
  end

  it "is not among the types that are printed without --types" do
    command_line(".", chdir: dir) do |program|
      touch("a")
      expect(program.line).to eq("created    ./a\n")
      touch("b")
      expect(program.line).to eq("created    ./b\n")
    end
  end
end
