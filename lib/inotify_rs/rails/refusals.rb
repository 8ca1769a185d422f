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
      @untold = {}
      @tried = 0
    end

    # @param user [#look, nil] who is to look again when it can be watched
    def add(path, error, user = nil)
      @untold[path] = error unless @refused.key?(path)
      @refused[path] = user
    end

    # @return [Boolean] whether it is time to try again
    def due? = !@refused.empty? && now - @tried >= PAUSE

    # @yieldparam path [String] the first that was refused
    # @yieldreturn [Boolean] whether it is refused no more
    # @return [Array<#look>] who is to look again
    def try
      @tried = now
      return [] unless yield @refused.first.first

      @refused.values.uniq.tap { @refused = {} }
    end

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
