# frozen_string_literal: true

require "json"

RSpec.describe "inotify_rs --events" do
  it "prints wd, mask, cookie, len and name of each event, and more" do
    command_line("--events", dir) do |program|
      File.write(path("new"), "content")
      rest = %(cookie: 0, len: 16, name: "new", path: "#{path("new")}")
      expect(lines(program,
                   4)).to eq(["wd: 1, mask: 0x100, #{rest}, flags: create", "wd: 1, mask: 0x20, #{rest}, flags: open",
                              "wd: 1, mask: 0x2, #{rest}, flags: modify",
                              "wd: 1, mask: 0x8, #{rest}, flags: close_write"])
    end
  end

  it "prints names of any bytes" do
    command_line("--events", "--types", "create", dir) do |program|
      Dir.mkdir(path("caf\xE9\e".b))
      expect(program.line).to include(%(name: "caf\\xE9\\e")).and(end_with("flags: create|isdir\n"))
    end
  end

  it "asks the kernel only for the --types" do
    command_line("--events", "--types", "close_write,delete", dir) do |program|
      File.write(path("new"), "content")
      expect(program.line).to end_with("flags: close_write\n")
      File.delete(path("new"))
      expect(program.line).to end_with("flags: delete\n")
    end
  end

  it "reports nothing about entries of subdirectories" do
    Dir.mkdir(path("sub"))
    command_line("--events", "--types", "create", dir) do |program|
      touch("sub/new", "new")
      expect(program.line).to include(%(name: "new"))
    end
  end

  it "prints objects with --json" do
    command_line("--events", "--json", "--types", "create", dir) do |program|
      touch("new")
      expect(JSON.parse(program.line)).to include("wd" => 1, "mask" => 256, "name" => "new", "path" => path("new"),
                                                  "watched" => dir, "flags" => ["create"])
    end
  end

  it "has fields of its own in --format" do
    command_line("--events", "--format", "{wd} {mask} {flags} {name} {dir}", dir) do |program|
      Dir.mkdir(path("new"))
      expect(program.line).to eq("1 0x40000100 create|isdir new #{dir}\n")
    end
  end

  it "ends with status 1, and says why, when what it watches is gone" do
    command_line("--events", dir) do |program|
      remove_dir
      expect([program.wait.exitstatus, program.out.read, program.err])
        .to match([1, /flags: ignored\n\z/, /nothing is left to watch: /])
    end
  end

  it "says what is wrong with a path that is not there, with status 1" do
    result = run_command_line("--events", path("none"))
    expect([result.status.exitstatus, result.out, result.err])
      .to match([1, "", /\Ainotify_rs: No such file or directory - .*none\n\z/])
  end

  it "names the events there are where there is no such" do
    result = run_command_line("--events", "--types", "created", dir)
    expect([result.status.exitstatus, result.err]).to match([2, /unknown flag created; the flags are access, modify/])
  end

  it "says that filters do not go with it" do
    result = run_command_line("--events", "--ignore", "tmp/", dir)
    expect([result.status.exitstatus, result.err]).to match([2, /\Ainotify_rs: --ignore cannot be used with --events/])
  end
end
