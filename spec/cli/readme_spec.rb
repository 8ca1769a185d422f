# frozen_string_literal: true

require "shellwords"

# Each ```console block is a command, what it prints, and what is done meanwhile: `elsewhere$ touch file`.
RSpec.describe "the command line in README.md" do
  text = File.read(File.join(Program::ROOT, "README.md"), encoding: "UTF-8")
  blocks = text.scan(/^```console\n(.*?)^```/m).flatten
  reference = text[/^## The command line.*?^## /m]

  it "is shown by examples" do
    expect(blocks.size).to be > 2
  end

  # Its own directory for the temporary one; times are those of another machine.
  def normal(line) = line.gsub("/tmp", dir).gsub(/\d+\.\d\d s$/, "0.00 s")

  def done(program, line)
    elsewhere = line[/\Aelsewhere\$ (.*)/, 1]
    return program.line.chomp.gsub(/\d+\.\d\d s$/, "0.00 s") unless elsewhere

    system(elsewhere, chdir: dir)
    line
  end

  blocks.each do |block|
    it "prints what it says: #{block.lines.first.chomp}" do
      command, *lines = block.lines(chomp: true).map { |line| normal(line) }
      arguments = Shellwords.split(command[%r{\A\$ (?:exe/)?inotify_rs (.*)}, 1])
      Program.start(*CommandLine::COMMAND, *arguments, chdir: dir, err: %i[child out]) do |program|
        expect(lines.map { |line| done(program, line) }).to eq(lines)
        program.signal("TERM")
        program.wait
      end
    end
  end

  it "has every option of --help in its reference, and no other" do
    help = run_command_line("--help").out.scan(/^ +(?:-\w, )?(--\S+)/).flatten.map { |name| name.sub("[no-]", "") }
    documented = reference.scan(/^\| (?:`-\w`, )?`(--[a-z-]+)/).flatten.uniq
    expect(documented).to match_array(help.uniq - %w[--help --version])
  end

  it "has every field of --format in its reference" do
    result = run_command_line("--format", "{x}", dir).err + run_command_line("--events", "--format", "{x}", dir).err
    fields = result.scan(/the fields are ([\w, ]+)/).flatten.flat_map { |list| list.split(", ") }.uniq
    expect(fields.reject { |field| reference[/`--format FORMAT`.*/].include?("`#{field}`") }).to be_empty
  end
end
