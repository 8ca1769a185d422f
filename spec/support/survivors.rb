# frozen_string_literal: true

# Whether processes live on that should not.
module Survivors
  # @return [Boolean] whether it runs; one that has ended and that nobody waited for does not
  def alive?(pid)
    !%w[Z X].include?(File.read("/proc/#{pid}/stat").rpartition(")").last.split.first)
  rescue Errno::ENOENT, Errno::ESRCH
    false
  end

  # Waits until a process has ended, and kills it if it doesn't.
  def wait_for_death(*pids)
    wait_until { pids.none? { |pid| alive?(pid) } }
  ensure
    pids.each { |pid| end_process(pid) if alive?(pid) }
  end
end
