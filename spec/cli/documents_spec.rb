# frozen_string_literal: true

require "shellwords"

# Each ```console block is a command, what it prints, and what is done meanwhile: `elsewhere$ touch file`.
RSpec.describe "the command line in README.md and docs/" do
  page = Documents.find("docs/command-line.md")
  reference = page.text

  # Its own directory for the temporary one; times are those of another machine.
  def normal(line) = line.gsub("/tmp", dir).gsub(/\d+\.\d\d s$/, "0.00 s")

  def done(program, line)
    elsewhere = line[/\Aelsewhere\$ (.*)/, 1]
    return program.line.chomp.gsub(/\d+\.\d\d s$/, "0.00 s") unless elsewhere

    system(elsewhere, chdir: dir)
    line
  end

  def known_options
    run_command_line("--help").out.scan(/^ +(?:-\w, )?(--\S+)/).flatten.map { |name| name.sub("[no-]", "") }
  end

  Documents::ALL.each do |document|
    document.blocks.select { |block| block.language == "console" }.each do |block|
      it "prints what line #{block.line} of #{document.name} says" do
        command, *lines = block.body.lines(chomp: true).map { |line| normal(line) }
        arguments = Shellwords.split(command[%r{\A\$ (?:exe/)?inotify_rs (.*)}, 1])
        Program.start(*CommandLine::COMMAND, *arguments, chdir: dir, err: %i[child out]) do |program|
          expect(lines.map { |line| done(program, line) }).to eq(lines)
          program.signal("TERM")
          program.wait
        end
      end
    end
  end

  it "has every option of --help in its reference, and no other" do
    tables = page.tables.select { |table| table.rows.first.start_with?("| option |") }
    documented = tables.flat_map { |table| table.rows.filter_map { |row| row[/^\| (?:`-\w`, )?`(--[a-z-]+)/, 1] } }
    expect(documented.uniq).to match_array(known_options.uniq - %w[--help --version])
  end

  it "has only options of --help beside those of other programs" do
    tables = page.tables.select { |table| table.rows.first.match?(/\A\| \w+ \| inotify_rs \|\z/) }
    cells = tables.flat_map(&:rows).map { |row| row.split(/(?<!\\)\|/).last }
    expect(cells.flat_map { |cell| cell.scan(/--[a-z][a-z-]*/) }.uniq - known_options).to be_empty
  end

  it "has the exit statuses of --help in its reference, and no other" do
    documented = reference.scan(/^\| (\d+(?:, \d+)*) \|/).flatten.flat_map { |numbers| numbers.split(", ") }
    expect(run_command_line("--help").out[/Exit status: .*/m].scan(/\b\d+/)).to match_array(documented)
  end

  it "has every field of --format in its reference" do
    result = run_command_line("--format", "{x}", dir).err + run_command_line("--events", "--format", "{x}", dir).err
    fields = result.scan(/the fields are ([\w, ]+)/).flatten.flat_map { |list| list.split(", ") }.uniq
    documented = reference[/^### Formats$.*?^```/m].scan(/`(\w+)`/).flatten
    expect(fields - documented).to be_empty
  end

  it "uses no option that does not exist, nor does the recording" do
    texts = Documents::ALL.map(&:text) << File.read(File.join(Program::ROOT, "docs/recording-still.svg"))
    commands = texts.flat_map { |text| text.scan(/\binotify_rs ((?:(?! -- )[^`|\n#<])*)/).flatten }
    used = commands.flat_map { |command| command.scan(/(?<=\s|\A)--[a-z][a-z-]+/) }.uniq
    expect(used - known_options - %w[--platform --version --no-color]).to be_empty
  end

  # Rules are read in their order.
  it "has only rules that are accepted: the first wrong one is that which is added to them" do
    rules = Documents::ALL.flat_map(&:blocks).select { |block| block.language == "yaml" }.map(&:body)
    errors = rules.map do |body|
      File.write(path(".inotify_rs.yml"), "#{body}added:\n  paths: none\n  nonsense: true\n")
      run_command_line("run", chdir: dir).err[/yml: (.*?);/, 1]
    end
    expect(errors).to all(eq("added: unknown entry nonsense")).and(be_any)
  end
end
