# frozen_string_literal: true

module Inotify
  module CLI
    # What ends the command with a line on the standard error.
    # @api private
    class Failure < StandardError
      # @return [Integer] the exit status
      attr_reader :status

      def initialize(message, status = FAILED)
        super(message)
        @status = status
      end

      # @return [Failure] for arguments that make no sense
      def self.usage(message) = new("#{message}; `inotify_rs --help` tells what there is", USAGE)
    end
  end
end
