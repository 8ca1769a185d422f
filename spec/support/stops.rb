# frozen_string_literal: true

# For rubies of their own: what happens while a process is stopped is found by its threads all at once.
module Stops
  module_function

  # Runs the block in a forked child, while this process is stopped.
  def while_stopped
    stopped = Process.pid
    pid = fork do
      Process.kill(:STOP, stopped)
      Thread.pass until Dir["/proc/#{stopped}/task/*/stat"].all? { |stat| File.read(stat)[/\) (.)/, 1] == "T" }
      yield
    ensure
      Process.kill(:CONT, stopped)
      exit!
    end
    Process.wait(pid)
  end
end
