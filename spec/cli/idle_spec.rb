# frozen_string_literal: true

RSpec.describe "inotify_rs while nothing happens" do
  def expect_idle(program)
    # The first wait of a queue may be a short one.
    expect(program.out.wait_readable(1.5)).to be_nil
    before = [program.ticks, program.sleeps]
    expect(program.out.wait_readable(1.5)).to be_nil
    expect([program.ticks, program.sleeps]).to eq(before)
  end

  it "uses no processor time, and does not even wake up" do
    command_line(dir) { |program| expect_idle(program) }
  end

  it "does neither when it shows events" do
    command_line("--events", dir) { |program| expect_idle(program) }
  end

  it "does neither while a command runs" do
    command_line(dir, "--", "sleep", "1000") { |program| expect_idle(program) }
  end

  it "does neither between runs of a command, even if that left a process behind" do
    command_line(dir, "--", "sh", "-c", "sleep 1000 &") do |program|
      wait_until { program.err.include?("status 0") }
      expect_idle(program)
    end
  end
end
