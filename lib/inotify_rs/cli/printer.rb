# frozen_string_literal: true

module Inotify
  module CLI
    # Makes bytes of records.
    # @api private
    class Printer
      # @param settings [Settings]
      # @param plain [#call] what makes a line of a record where nothing is asked for
      def self.for(settings, plain)
        fields = settings[:events] ? Records::EVENT_FIELDS : Records::CHANGE_FIELDS
        line = if settings[:format] then Template.new(settings[:format], fields | Records::PARTS)
               elsif settings[:json] then JSONLines.new(fields)
               else
                 settings[:null] ? Paths : plain
               end
        new(line, settings[:null] ? "\0" : "\n")
      end

      def initialize(line, terminator)
        @line = line
        @terminator = terminator
      end

      # @return [String] bytes
      def call(records)
        records.inject("".b) { |bytes, record| bytes << @line.call(record).b << @terminator }
      end
    end
  end
end
