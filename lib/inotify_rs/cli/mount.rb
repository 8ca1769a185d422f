# frozen_string_literal: true

module Inotify
  module CLI
    # What file system a path is on.
    # @api private
    Mount = Struct.new(:place, :type) do
      # @param path [String] that exists
      # @return [Mount, nil] nil: the list of mounts can't be read
      def self.of(path)
        mounts = Internal::Mounts.new
        around = mounts.around(File.realpath(path))
        new(*around) if around
      ensure
        mounts&.close
      end
    end
  end
end
