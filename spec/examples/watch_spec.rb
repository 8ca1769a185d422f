# frozen_string_literal: true

RSpec.describe "examples/watch.rb" do
  let(:script) { Program.ruby(File.join(Program::ROOT, "examples/watch.rb")) }

  def watch(target = dir)
    Program.start(*script, target) do |program|
      program.watching
      yield program
    end
  end

  # The lines up to the first that matches.
  def lines(program, last)
    lines = [program.line]
    lines << program.line until lines.last.match?(last)
    lines
  end

  it "prints wd, mask, cookie, len and name of each event as it happens" do
    watch do |program|
      File.write(path("new"), "content")
      expect(lines(program, /mask: 0x8,/)).to eq([
        "wd: 1, mask: 0x100, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x20, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x2, cookie: 0, len: 16, name: \"new\"\n",
        "wd: 1, mask: 0x8, cookie: 0, len: 16, name: \"new\"\n"
      ])
    end
  end

  it "prints the same cookie for both halves of a rename" do
    touch("old")
    watch do |program|
      File.rename(path("old"), path("new"))
      halves = lines(program, /"new"/).map { |line| line[/cookie: (\d+)/, 1] }
      expect(halves).to match([halves.last, /[1-9]/])
    end
  end

  it "prints an empty name for a watched file" do
    touch("file")
    watch(path) do |program|
      File.chmod(0o600, path)
      expect(program.line).to eq("wd: 1, mask: 0x4, cookie: 0, len: 0, name: \"\"\n")
    end
  end

  it "prints names of any bytes" do
    watch do |program|
      Dir.mkdir(path("caf\xE9\e".b))
      expect(program.line).to end_with(%(name: "caf\\xE9\\e"\n))
    end
  end

  %w[INT TERM HUP].each do |name|
    it "ends at once with status 0, and quietly, on SIG#{name}" do
      watch do |program|
        program.signal(name)
        expect([program.wait(5).exitstatus, program.out.read, program.err]).to eq([0, "", ""])
      end
    end
  end

  it "uses no processor time while nothing happens, and does not even wake up" do
    watch { |program| expect_idle(program.pid) }
  end

  it "ends by itself when what it watches is removed" do
    watch do |program|
      remove_dir
      expect(program.wait.exitstatus).to eq(0)
      expect(program.out.read).to include("mask: 0x400,", "mask: 0x8000,")
    end
  end

  it "ends quietly when its reader has left" do
    watch do |program|
      program.out.close
      touch("new")
      expect([program.wait.exitstatus, program.err]).to eq([0, ""])
    end
  end

  it "says what is wrong with a bad path, with status 1" do
    program = Program.run(*script, "/no/such/place")
    expect([program.status.exitstatus, program.out]).to eq([1, ""])
    expect(program.err).to match(%r{\A\S*watch\.rb: No such file or directory - .*/no/such/place\n\z})
  end

  it "says how it is used without a path, with status 1" do
    program = Program.run(*script)
    expect([program.status.exitstatus, program.out]).to eq([1, ""])
    expect(program.err).to match(/\Ausage: \S*watch\.rb PATH\n\z/)
  end

  it "works from any directory and without -I" do
    Program.start(*script, ".", chdir: dir) do |program|
      program.watching
      Dir.mkdir(path("here"))
      expect(program.line).to include("name: \"here\"")
    end
  end
end
