# frozen_string_literal: true

RSpec.describe "inotify_rs in a terminal" do
  def watching(*arguments, **options)
    in_terminal(*arguments, dir, **options) do |terminal|
      terminal.see(/ready: watching/)
      yield terminal
    end
  end

  it "prints in colours" do
    watching do |terminal|
      touch("new")
      expect(terminal.see(/.*created .*\r\n/)[0]).to eq("\e[32mcreated   \e[m #{path("new")}\r\n")
    end
  end

  it "prints without colours where NO_COLOR is set" do
    watching(environment: { "NO_COLOR" => "1" }) do |terminal|
      touch("new")
      expect(terminal.see(/^created .*\r\n/)[0]).to eq("created    #{path("new")}\r\n")
    end
  end

  it "prints without colours by --no-color" do
    watching("--no-color") do |terminal|
      touch("new")
      expect(terminal.see(/^created .*\r\n/)[0]).to eq("created    #{path("new")}\r\n")
    end
  end

  it "shows what a terminal would obey, and what is not UTF-8, as numbers" do
    watching("--no-color") do |terminal|
      touch("\e[31mé\xFF".b)
      expect(terminal.see(/^created .*\r\n/)[0].b).to eq("created    #{dir}/\\x1B[31mé\\xFF\r\n".b)
    end
  end

  it "ends by SIGINT on Ctrl-C" do
    watching do |terminal|
      terminal.type("\x03")
      status = terminal.finish
      expect(Signal.signame(status.termsig)).to eq("INT")
      expect(terminal.text).not_to include("from", ".rb")
    end
  end

  it "ends by SIGHUP when the terminal is closed" do
    watching do |terminal|
      [terminal.screen, terminal.keyboard].each(&:close)
      _, status = within { Process.wait2(terminal.pid) }
      terminal.pid = nil
      expect(Signal.signame(status.termsig)).to eq("HUP")
    end
  end

  it "can be stopped and continues, with all changes since" do
    watching do |terminal|
      Process.kill(:STOP, terminal.pid)
      touch("new")
      Process.kill(:CONT, terminal.pid)
      expect(terminal.see(/^.*new\r\n/)[0]).to include("created ")
    end
  end

  it "prints no escapes where TERM is dumb" do
    options = { environment: { "TERM" => "dumb" } }
    in_terminal("--clear", "--exit-with-command", dir, "--", "echo", "ran", **options) do |terminal|
      terminal.finish
      expect(terminal.text).not_to include("\e")
    end
  end

  it "shows no progress of what takes no time" do
    watching { |terminal| expect(terminal.text).not_to include("so far") }
  end
end
