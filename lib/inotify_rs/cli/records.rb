# frozen_string_literal: true

module Inotify
  module CLI
    # What is told: a change, a path that is there, or an event of the kernel. Each has fields by name; those in
    # {NAMES} are bytes of the file system.
    # @api private
    module Records
      NAMES = %i[path from dir name watched].freeze

      # A change of a tree.
      Change = Struct.new(:change, :time) do
        def type = change.type
        def path = change.path
        def from = change.from
        def directory = change.directory?
        def rescanned = change.rescanned?
        def name = File.basename(path)
        def dir = File.dirname(path)
      end

      # What one of {Types::WIDE} says of a path. Directories are only touched.
      Wide = Struct.new(:type, :path, :change, :time) do
        def from = nil
        def directory = type == :touched && change.directory?
        def rescanned = change.rescanned?
        def name = File.basename(path)
        def dir = File.dirname(path)
      end

      # A path that was there when watching began.
      Existing = Struct.new(:path, :directory, :time) do
        def type = :existing
        def from = nil
        def rescanned = false
        def name = File.basename(path)
        def dir = File.dirname(path)
      end

      # One record of the kernel.
      Event = Struct.new(:event, :time) do
        def type = :event
        def wd = event.wd
        def mask = event.mask
        def cookie = event.cookie
        def len = event.len
        def name = event.name
        def path = event.path
        def flags = event.flags
        def watched = event.watch&.path
        def dir = path && File.dirname(path)
      end

      # The fields that a `--format` may name, and `--json` has.
      CHANGE_FIELDS = %i[time type path from directory rescanned].freeze
      EVENT_FIELDS = %i[time wd mask cookie len name path watched flags].freeze
      # The fields that others tell already.
      PARTS = %i[name dir].freeze

      # @return [String] `2026-01-31T12:00:00.123+01:00`
      def self.timestamp(time) = time.strftime("%Y-%m-%dT%H:%M:%S.%3N%:z")
    end
  end
end
