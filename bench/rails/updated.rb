# frozen_string_literal: true

# Prints how many microseconds all checkers of the application in the working directory take to answer.

require File.expand_path("config/application")

Rails.application.initialize!
checkers = ObjectSpace.each_object(Rails.application.config.file_watcher).to_a
checkers.each(&:execute)
raise "changed" if checkers.any?(&:updated?)

times = Array.new(30) do
  count = 0
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  count += 1 while checkers.each(&:updated?) && Process.clock_gettime(Process::CLOCK_MONOTONIC) - start < 0.02
  (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) / (count + 1)
end
puts times.sort[15] * 1e6
