# frozen_string_literal: true

module Inotify
  module CLI
    # Which types of changes are reported.
    # @api private
    class Types
      # Those of {Inotify::Change}.
      PLAIN = %i[created modified deleted renamed attributes].freeze
      # Those that stand for several. Written: a file has a new content at its path. Touched: programs do so by a write,
      # or by setting the times.
      WIDE = { written: %i[created modified renamed], touched: %i[modified attributes] }.freeze
      ALL = (PLAIN + WIDE.keys).freeze

      # @param wanted [Array<Symbol>, nil] nil: all that {Inotify::Change} has
      # @raise [Failure] one is unknown
      def initialize(wanted)
        @wanted = wanted || PLAIN
        unknown = @wanted - ALL
        raise Failure.usage("there is no type #{unknown.first}; the types are #{ALL.join(", ")}") if unknown.any?
      end

      # @param change [Inotify::Change]
      # @param time [Time]
      # @yieldparam path [String] of a directory
      # @yieldreturn [Array<String>] the files below it
      # @return [Array<Records::Change, Records::Wide>]
      def records(change, time, &files)
        return [Records::Change.new(change, time)] if @wanted.include?(change.type)

        type = WIDE.keys.find { |wide| @wanted.include?(wide) && WIDE[wide].include?(change.type) } or return []
        paths(type, change, &files).map { |path| Records::Wide.new(type, path, change, time) }
      end

      private

      # Files have contents, directories have none. Those that are created report their files themselves.
      def paths(type, change)
        return [change.path] unless type == :written && change.directory?

        change.renamed? ? yield(change.path) : []
      end
    end
  end
end
