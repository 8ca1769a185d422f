# frozen_string_literal: true

RSpec.describe "inotify_rs with options for polling", :command_line do
  it "scans everything by --poll-always" do
    command_line("--poll-always", "--poll", "0.1", dir) do |program|
      File.write("#{dir}/a", "")
      expect(program.line).to end_with "/a\n"
    end
  end

  {
    %w[--poll 0] => "--poll takes more than 0 seconds",
    %w[--poll often] => "--poll takes seconds, such as 0.5, not \"often\"",
    %w[--no-poll --poll-always] => "--poll-always cannot be used with --no-poll",
    %w[--events --poll 1] => "--poll cannot be used with --events, the kernel's own events of the PATHs"
  }.each do |arguments, message|
    it "rejects #{arguments.join(" ")}" do
      result = run_command_line(*arguments, dir)
      expect([result.status.exitstatus, result.err]).to match [2, /: #{Regexp.escape(message)}; see/]
    end
  end
end
