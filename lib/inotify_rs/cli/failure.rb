# frozen_string_literal: true

module Inotify
  module CLI
    # Ends the command with a line on the standard error.
    # @api private
    class Failure < StandardError
      # @return [Integer] the exit status
      attr_reader :status

      def initialize(message, status = FAILED)
        super(message)
        @status = status
      end

      # @return [Failure] for wrong arguments
      def self.usage(message) = new("#{message}; see `inotify_rs --help`", USAGE)

      # @param error [SystemCallError]
      # @return [String] its message without the name of the function in Ruby's own source: "… @ io_write - <STDOUT>"
      def self.text(error) = error.message.sub(/ @ \w+ -/, " -")
    end
  end
end
