# frozen_string_literal: true

RSpec.describe "inotify_rs while nothing happens" do
  # The directory that the watched one lies in is watched, too: not one where other programs are at work.
  let(:quiet) { path("quiet") }

  before { Dir.mkdir(quiet) }

  it "uses no processor time, and does not even wake up" do
    command_line(quiet) { |program| expect_idle(program.pid) }
  end

  it "does neither when it shows events" do
    command_line("--events", quiet) { |program| expect_idle(program.pid) }
  end

  it "does neither while a command runs" do
    command_line(quiet, "--", "sh", "-c", "echo begun; exec sleep 1000") do |program|
      program.line
      expect_idle(program.pid)
    end
  end

  it "does neither between runs of a command, even if that left a process behind" do
    command_line(quiet, "--", "sh", "-c", "sleep 1000 &") do |program|
      wait_until { program.err.include?("status 0") }
      expect_idle(program.pid)
    end
  end
end
