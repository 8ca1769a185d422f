# frozen_string_literal: true

module Inotify
  # Who waits for a descriptor right now: it is not to be closed before they have left.
  # @api private
  class Waits
    def initialize
      @waits = {}.compare_by_identity
    end

    # One entry a wait: the fibers of a thread may each have one, and another thread may run at any line.
    def during
      wait = Object.new
      @waits[wait] = Thread.current
      yield
    ensure
      @waits.delete(wait)
    end

    # Threads that a fork left behind wait for nothing.
    def any? = @waits.values.any?(&:alive?)
  end
  private_constant :Waits
end
