# frozen_string_literal: true

require "json"
require "time"

RSpec.describe "the formats of inotify_rs" do
  # What is printed when a file of this name appears.
  def printed(*arguments, name: "new", separator: "\n")
    command_line(*arguments, dir) do |program|
      touch(name)
      program.out.wait_readable(Program::LIMIT)
      program.out.gets(separator)
    end
  end

  def json(*arguments, **options) = JSON.parse(printed("--json", *arguments, **options), symbolize_names: true)

  it "are text with named fields by --format" do
    expect(printed("--format", '{type}|{path}|{from}|{name}|{dir}|{directory}|{rescanned}\t{{}}\\\\'))
      .to eq("created|#{path("new")}||new|#{dir}|false|false\t{}\\\n")
  end

  it "have both paths of a rename in --format" do
    touch("old")
    command_line("--format", "{from}:{path}", dir) do |program|
      File.rename(path("old"), path("new"))
      expect(program.line).to eq("#{path("old")}:#{path("new")}\n")
    end
  end

  it "have the time, in milliseconds and with its zone" do
    before = Time.now
    time = Time.strptime(printed("--format", "{time}").chomp, "%Y-%m-%dT%H:%M:%S.%L%z")
    expect(time).to be_between(before - 0.001, Time.now)
  end

  it "end each by a NUL with --null, for xargs -0" do
    expect(printed("--null", name: "a\nb", separator: "\0")).to eq("#{path("a\nb")}\0")
  end

  it "end each --format by a NUL with --null" do
    expect(printed("-0", "--format", "{type}", separator: "\0")).to eq("created\0")
  end

  it "are objects by --json" do
    expect(json).to match(time: /\A\d{4}-.*T.*[+-]\d\d:\d\d\z/, type: "created", path: path("new"),
                          directory: false, rescanned: false)
  end

  it "have both paths of a rename in --json" do
    touch("old")
    command_line("--json", dir) do |program|
      File.rename(path("old"), path("new"))
      expect(JSON.parse(program.line)).to include("type" => "renamed", "from" => path("old"), "path" => path("new"))
    end
  end

  it "keep the bytes of a name that is not UTF-8 in --json" do
    object = json(name: "caf\xE9".b)
    expect([object[:path], object[:path_base64].unpack1("m")]).to eq(["#{dir}/caf\uFFFD", "#{dir}/caf\xE9".b])
  end

  it "keep names of UTF-8 in --json where the locale is not" do
    command_line("--json", dir, environment: { "LC_ALL" => "C" }) do |program|
      touch("é")
      expect(JSON.parse(program.line)).to include("path" => path("é"))
    end
  end

  it "have an object for each path there is with --initial" do
    command_line("--json", "--initial", dir) do |program|
      expect(JSON.parse(program.line)).to include("type" => "existing", "path" => dir, "directory" => true)
    end
  end

  it "name the fields there are where there is no such" do
    result = run_command_line("--format", "{file}", dir)
    expect([result.status.exitstatus, result.err]).to match([2, /no field \{file\}; the fields are time, type, path/])
  end

  it "have no colours in a pipe, unless they are asked for" do
    expect([printed, printed("--color", name: "other")])
      .to eq(["created    #{path("new")}\n", "\e[32mcreated   \e[m #{path("other")}\n"])
  end
end
