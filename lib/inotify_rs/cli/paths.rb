# frozen_string_literal: true

module Inotify
  module CLI
    # Nothing but the path, byte by byte.
    # @api private
    module Paths
      # @return [String]
      def self.call(record) = record.path.to_s.b
    end
  end
end
