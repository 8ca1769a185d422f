# frozen_string_literal: true

module Inotify
  module CLI
    # What is printed or passed to COMMAND: a change, a path that exists, or an event of the kernel. Each has fields by
    # name; those in {NAMES} are bytes of the file system.
    # @api private
    module Records
      NAMES = %i[path from dir name watched].freeze
      # The fields of `--json`. A `--format` may name {PARTS}, too.
      CHANGE_FIELDS = %i[time type path from directory rescanned].freeze
      # Fields that repeat others.
      PARTS = %i[name dir].freeze

      # @return [String] `2026-01-31T12:00:00.123+01:00`
      def self.timestamp(time) = time.strftime("%Y-%m-%dT%H:%M:%S.%3N%:z")

      # The parts of a path.
      module Path
        def name = File.basename(path)
        def dir = File.dirname(path)
      end

      # A change of a tree.
      Changed = Struct.new(:change, :time) do
        include Path

        def type = change.type
        def path = change.path
        def from = change.from
        def directory = change.directory?
        def rescanned = change.rescanned?
      end

      # A change as one of {Types::WIDE}. Only `touched` is reported for directories.
      Wide = Struct.new(:type, :path, :change, :time) do
        include Path

        def from = nil
        def directory = type == :touched && change.directory?
        def rescanned = change.rescanned?
      end

      # A path that existed when watching began.
      Existing = Struct.new(:path, :directory, :time) do
        include Path

        def type = :existing
        def from = nil
        def rescanned = false
      end

      # Which types of changes are reported.
      class Types
        # The types of {Inotify::Change}.
        PLAIN = %i[created modified deleted renamed attributes].freeze
        # What is reported only if it is asked for.
        CLOSED = :closed
        # Types that stand for several. `written`: a file has a new content at its path. `touched`: programs touch a
        # file by a write, or by setting its times.
        WIDE = { written: %i[created modified renamed], touched: %i[modified attributes] }.freeze
        ALL = [*PLAIN, CLOSED, *WIDE.keys].freeze

        # @param types [Array<Symbol>, nil] nil: {PLAIN}
        # @raise [Failure] one is unknown
        def initialize(types)
          @types = types || PLAIN
          unknown = @types - ALL
          raise Failure.usage("unknown type #{unknown.first}; the types are #{ALL.join(", ")}") if unknown.any?
        end

        # @param change [Inotify::Change]
        # @param time [Time]
        # @yieldparam path [String] of a directory
        # @yieldreturn [Array<String>] the files below it
        # @return [Array<Changed, Wide>]
        def records(change, time, &files)
          return [Changed.new(change, time)] if @types.include?(change.type)

          type = WIDE.keys.find { |wide| @types.include?(wide) && WIDE[wide].include?(change.type) } or return []
          paths(type, change, &files).map { |path| Wide.new(type, path, change, time) }
        end

        private

        # Files have contents, directories do not. The files in a new directory have changes of their own.
        def paths(type, change)
          return [change.path] unless type == :written && change.directory?

          change.renamed? ? yield(change.path) : []
        end
      end
    end
  end
end
