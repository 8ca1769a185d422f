# frozen_string_literal: true

module Inotify
  module Rails
    # Says what {FileUpdateChecker}s cannot notice.
    # @api private
    module Warnings
      # How many directories a warning names.
      NAMED = 10

      class << self
        # @param denied [Array<Array(String, SystemCallError, Boolean)>] the path of each, why, and whether it is
        #   scanned; no path: what is mounted
        def give(denied)
          denied.group_by { |path, error, scanned| [path.nil?, error.class, scanned] }.each_value do |all|
            paths = all.filter_map(&:first)
            _, error, scanned = all.first
            warn("Inotify::FileUpdateChecker #{scanned ? scans(paths) : misses(paths)}: #{error.message}")
          end
        end

        private

        def misses(paths)
          what = paths.empty? ? "mounts and unmounts" : "changes in #{list(paths)}"
          "does not notice #{what}, and retries once a second"
        end

        def scans(paths) = "scans #{list(paths)} at each check, until watches are free"

        def list(paths)
          more = paths.size - NAMED
          "#{paths.first(NAMED).map(&:scrub).join(", ")}#{" and #{more} more directories" if more.positive?}"
        end
      end
    end
  end
end
