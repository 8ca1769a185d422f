# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "in a signal handler" do
  it "reports changes, executes, and makes others" do
    script = <<~RUBY
      require "inotify_rs/rails"
      checker = Inotify::FileUpdateChecker.new([], { "#{dir}" => [] }) { :executed }
      trap(:USR1) do
        p checker.updated?
        File.write("#{dir}/a", "")
        p checker.updated?, checker.execute, checker.execute_if_updated
        p Inotify::FileUpdateChecker.new([], { "#{dir}" => [] }) {}.updated?
      end
      Process.kill(:USR1, $$)
      sleep 0.01 until checker.updated? == false
    RUBY
    expect(ruby(script).lines(chomp: true)).to eq %w[false true :executed false false]
  end

  it "never fails, whatever it interrupts, and nothing is lost" do
    script = <<~RUBY
      require "inotify_rs/rails"
      missed = number = reloads = handled = 0
      checkers = Array.new(3) { Inotify::FileUpdateChecker.new([], { "#{dir}" => [] }) { reloads += 1 } }
      trap(:USR1) do
        checkers[0].execute_if_updated
        Inotify::FileUpdateChecker.new([], { "#{dir}" => [] }) {}
        GC.start if (handled % 10).zero?
        handled += 1
      end
      sent = 0
      sender = Thread.new { loop { Process.kill(:USR1, $$) && (sent += 1) if sent == handled; sleep 0.002 } }
      until handled > 200
        File.write("#{dir}/file", (number += 1).to_s)
        checkers[1..].each { |checker| missed += 1 unless checker.execute_if_updated }
      end
      sender.kill.join
      p missed
    RUBY
    expect(ruby(script)).to eq "0"
  end
end
