# frozen_string_literal: true

module Inotify
  module CLI
    # Changes that wait until COMMAND runs for them.
    # @api private
    class Held
      def initialize
        @records = []
        @deadline = Internal::Deadline::PAST
      end

      # @param records [Array<Records::Change>]
      # @param seconds [Numeric] how long they wait, and those before with them
      def add(records, seconds)
        @records += records
        @deadline = Internal::Deadline.after(seconds)
      end

      # @yieldreturn [Numeric] how many seconds they wait for something else
      # @return [Array<Records::Change>, nil] all of them, when their time has come
      def take
        return if @records.empty? || !@deadline.passed?

        @deadline = Internal::Deadline.after(yield)
        return unless @deadline.passed?

        records = @records
        @records = []
        records
      end

      # @return [Numeric, nil] seconds until {#take} returns something
      def remaining = (@deadline.remaining unless @records.empty?)
    end
  end
end
