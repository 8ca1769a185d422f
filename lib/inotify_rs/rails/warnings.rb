# frozen_string_literal: true

module Inotify
  module Rails
    # Says what {FileUpdateChecker}s cannot notice.
    # @api private
    module Warnings
      # How many directories a warning names.
      NAMED = 10

      class << self
        # @param denied [Array<Array(String, SystemCallError)>] the path of each, and why; no path: what is mounted
        def give(denied)
          denied.group_by { |path, error| [path.nil?, error.class] }.each_value do |all|
            paths = all.filter_map(&:first)
            warn("Inotify::FileUpdateChecker does not notice #{what(paths)}, and retries once a second: " \
                 "#{all.first.last.message}")
          end
        end

        private

        def what(paths)
          return "mounts and unmounts" if paths.empty?

          more = paths.size - NAMED
          "changes in #{paths.first(NAMED).map(&:scrub).join(", ")}" \
            "#{" and #{more} more directories" if more.positive?}"
        end
      end
    end
  end
end
