# frozen_string_literal: true

RSpec.describe "inotify_rs help" do
  # Commands of a user who has only these, and sh(1).
  def commands(programs)
    make("bin/")
    File.symlink("/bin/sh", path("bin/sh"))
    programs.each { |name, script| File.write(path("bin/#{name}"), "#!/bin/sh\n#{script}\n", perm: 0o755) }
    { "PATH" => path("bin"), "TERM" => "xterm", "PAGER" => nil }
  end

  it "prints the manual page as text without a terminal" do
    page = run_command_line("help").out
    options = run_command_line("--help").out.scan(/^ +(?:-\w, )?(--\S+)/).flatten
    expect(page).to start_with("NAME\n       inotify_rs - show changes").and(include("EXIT STATUS\n       0 done, "))
    expect(page.scan(/^ {7}(?:-\w, )?(--\S+)/).flatten).to eq(options)
    expect(page.lines.map { |line| line.chomp.length }.max).to be <= 80
  end

  it "shows the installed page by man(1) in a terminal" do
    in_terminal("help", environment: commands("man" => 'read -r first <"$1"; echo "man: $first"')) do |terminal|
      expect(terminal.see(/man: (.*)\r\n/)[1]).to start_with(".TH INOTIFY_RS 1")
      expect(terminal.finish.exitstatus).to eq(0)
    end
  end

  it "can be read by the man(1) of this system" do
    skip "needs man" unless system("man", "--version", out: File::NULL, err: File::NULL)
    in_terminal("help", environment: { "MANPAGER" => "cat", "TERM" => "dumb" }) do |terminal|
      expect(terminal.see(/INOTIFY_RS\(1\)/)).to be_truthy
      expect(terminal.see("queue (default), restart")).to be_truthy
      terminal.finish
    end
  end

  it "shows the text in a pager where man(1) is missing" do
    pager = 'while read -r line; do echo "pager: $line"; done'
    [{}, { "PAGER" => "less" }].each do |environment|
      FileUtils.rm_rf(path("bin"))
      in_terminal("help", environment: commands("less" => pager).merge(environment)) do |terminal|
        expect(terminal.see(/pager: (.*)\r\n/)[1]).to eq("NAME")
        expect(terminal.finish.exitstatus).to eq(0)
      end
    end
  end

  it "prints the text in a terminal where there is no pager either" do
    in_terminal("help", environment: commands({})) do |terminal|
      expect(terminal.see(/\A(.*)\r\n/)[1]).to eq("NAME")
      expect(terminal.finish.exitstatus).to eq(0)
    end
  end

  it "has its source printed by inotify_rs man, made from the options" do
    page = run_command_line("man").out
    expect(page).to eq(File.read(File.join(Program::ROOT, "man/inotify_rs.1")))
    expect(page).to include('.B \-\-delay\-run SECONDS')
  end
end
