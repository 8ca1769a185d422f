# frozen_string_literal: true

module Inotify
  # What a {FileUpdateChecker} can't watch: told once for as long as it lasts, and tried again.
  # @api private
  class Refusals
    # Seconds between attempts.
    PAUSE = 1
    # How many directories a warning names.
    NAMED = 10
    private_constant :PAUSE, :NAMED

    def initialize
      @refused = {}
      @retried = {}
      @untold = {}
      @tried = 0
    end

    # @param user [#look, nil] who is to look again when it can be watched
    def add(path, error, user = nil)
      @untold[path] = error unless include?(path) || @retried.key?(path)
      @refused[path] = [user, error.class]
    end

    def include?(path) = @refused.key?(path)

    # @return [Boolean] whether it is time to try again
    def due? = !@refused.empty? && now - @tried >= PAUSE

    # Has those look again who may be refused no more. What they are refused again is not told again.
    #
    # @param probe [#call] whether a path is refused no more; it is given the first path of each kind of error
    # @yieldparam user [#look]
    def try(probe, &block)
      @tried = now
      firsts = @refused.keys.uniq { |path| @refused[path].last }
      return unless firsts.any? { |path| probe.call(path) }

      @retried = @refused
      @refused = {}
      @retried.values.filter_map(&:first).uniq.each(&block)
    ensure
      @retried = {}
    end

    # Waits before the next attempt.
    def pause = @tried = now

    # Warns of what was not told yet.
    def tell
      untold = @untold
      @untold = {}
      untold.keys.group_by { |path| untold[path].class }.each_value do |paths|
        warn(message(paths, untold[paths.first]))
      end
    end

    private

    def message(paths, error)
      named = paths.first(NAMED).map { |path| path.dup.force_encoding(Encoding.find("filesystem")).scrub }
      more = paths.size - named.size
      "Inotify::FileUpdateChecker does not notice what changes in #{named.join(", ")}" \
        "#{" and #{more} more directories" if more.positive?}, and tries again every second: #{error.message}"
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
  private_constant :Refusals
end
