# frozen_string_literal: true

require_relative "tasks"

# Whether a process does anything at all.
module Idleness
  # What the threads of a process have done so far: nanoseconds on a processor, and how often each went to sleep.
  def self.work(pid)
    Tasks.map(pid) do |task|
      sleeps = File.read("#{task}/status")[/^voluntary_ctxt_switches:\s*(\d+)/, 1].to_i
      { run: File.read("#{task}/schedstat").to_i, sleeps: sleeps }
    end
  end

  # Expects that a process that waits does nothing for a second.
  def expect_idle(pid)
    # Its first wait may be a short one.
    before, after = [0.5, 1].map { |seconds| sleep(seconds) && Idleness.work(pid) }
    expect(after).to eq(before)
  end

  # Expects that of a ruby that runs `script`, which prints a line when it is about to wait. Returns how many threads it
  # has.
  def expect_idle_ruby(script)
    ruby_running(script) do |pid, output|
      output.gets
      wait_for_process_sleep(pid)
      expect_idle(pid)
      Idleness.work(pid).size
    end
  end
end

RSpec.configure { |config| config.include Idleness }
