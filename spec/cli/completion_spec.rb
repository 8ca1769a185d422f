# frozen_string_literal: true

RSpec.describe "inotify_rs completion" do
  def script(shell) = run_command_line("completion", shell).out

  # What bash offers for the last of these words.
  def bash(*words)
    list = words.map { |word| "'#{word}'" }.join(" ")
    offer = "COMP_WORDS=(inotify_rs #{list}); COMP_CWORD=#{words.size}; _inotify_rs; printf '%s\\n' \"${COMPREPLY[@]}\""
    Program.run("bash", "-c", "#{script("bash")}\n#{offer}", chdir: dir).then { |run| (run.err + run.out).split("\n") }
  end

  it "offers bash every option of --help" do
    options = run_command_line("--help").out.scan(/^ +(?:-\w, )?--(?:\[no-\])?([\w-]+)/).flatten
    expect(bash("--").map { |option| option.delete_prefix("--") }).to include(*options).and(include("no-color"))
  end

  it "offers bash the values of an option" do
    expect([bash("--on-busy", "re"), bash("--types", "=", "d"), bash("--stop-signal", "US"), bash("--only", "")])
      .to eq([["restart"], ["deleted"], %w[USR1 USR2], []])
  end

  it "offers bash paths and subcommands" do
    touch("dir a", "dof")
    expect([bash("d"), bash(".", "d"), bash("completion", "z")]).to match([
      contain_exactly("doctor", "dir a", "dof"), contain_exactly("dir a", "dof"), ["zsh"]
    ])
  end

  it "offers bash commands after --" do
    expect(bash(".", "--", "xarg")).to include("xargs")
  end

  it "completes in zsh" do
    skip "needs zsh" unless system("zsh", "-c", "true", err: File::NULL)
    File.write(path("_inotify_rs"), script("zsh"))
    screen, keyboard, pid = PTY.spawn({ "TERM" => "dumb", "HOME" => dir }, "zsh", "-f", chdir: dir)
    terminal = CommandLine::Terminal.new(screen, keyboard, pid, +"")
    terminal.type("autoload -U compinit && compinit -D -u && source ./_inotify_rs && echo rea'dy'\n")
    terminal.see(/^ready/)
    terminal.type("inotify_rs --exit-w\t. -- xarg\t")
    expect(terminal.see(/--exit-with-command \x08? *\. -- xargs /)).to be_truthy
  ensure
    [screen, keyboard].compact.each(&:close)
    end_process(pid) && Process.wait(pid) if pid
  end

  it "prints a script that zsh can read" do
    skip "needs zsh" unless system("zsh", "-c", "true", err: File::NULL)
    File.write(path("script"), script("zsh"))
    expect(Program.run("zsh", "-n", path("script")).then { |run| [run.status.exitstatus, run.err] }).to eq([0, ""])
  end

  # What fish offers for the words.
  def fish(words)
    script = "#{script("fish")}\ncomplete --do-complete 'inotify_rs #{words}'"
    Program.run({ "HOME" => dir }, "fish", "--no-config", "-c", script, chdir: dir)
           .then { |run| (run.err + run.out).lines.map { |line| line.chomp.split("\t").first } }
  end

  it "offers fish options, their values, and subcommands" do
    skip "needs fish" unless system("fish", "-c", "true", err: File::NULL)
    expect([fish("--on-b"), fish("--on-busy re"), fish("comp"), fish("completion f")])
      .to match([["--on-busy"], ["restart"], include("completion"), include("fish")])
  end

  it "offers fish commands after --" do
    skip "needs fish" unless system("fish", "-c", "true", err: File::NULL)
    expect(fish(". -- xarg")).to include("xargs")
  end

  it "fails for other shells, with status 2" do
    result = run_command_line("completion", "csh")
    expect([result.status.exitstatus, result.err])
      .to match([2, /\Ainotify_rs: completion supports bash, zsh, fish: `inotify_rs completion bash`/])
  end
end
