# frozen_string_literal: true

require "inotify_rs"

module Inotify
  module CLI
    # The kernel's own events of the given files and directories, as records. {TreeChanges} has the same methods.
    # @api private
    class KernelEvents
      # The fields of `--json`.
      FIELDS = %i[time wd mask cookie len name path watched flags].freeze

      # An event.
      Record = Struct.new(:event, :time) do
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

      # @return [Filters::OwnFiles]
      attr_reader :own_files

      # @param settings [Settings]
      # @param notices [Notices]
      # @raise [Failure] a flag is unknown
      def initialize(settings, notices)
        @own_files = Filters::OwnFiles.new(notices)
        @paths = settings.paths
        @mask = settings[:types] ? Flags.to_mask(settings[:types]) : Flags::IN_ALL_EVENTS
        raise Failure.usage("--types has no event to wait for") unless @mask.anybits?(Flags::IN_ALL_EVENTS)
      rescue ArgumentError => e
        raise Failure.usage(e.message.tr(":", ""))
      end

      # Begins to watch.
      #
      # @raise [SystemCallError] a path cannot be watched
      def open
        @instance = Instance.new
        @paths.each { |path| @instance.add_watch(path, @mask) }
      end

      # @return [String] what is watched
      def summary = "watching #{@paths.join(", ")}"

      # There is no checkpoint of events.
      def first = []

      # (see #first)
      def checkpoint = nil

      # @return [IO] readable when {#take} returns something
      def io = @instance.to_io

      # @return [Array<Record>] all pending events; does not block
      def take
        time = Time.now
        @own_files.without(@instance.read(timeout: 0).map { |event| Record.new(event, time) })
      end

      # @return [Array<Record>] all events that happened before the call
      def rest
        found = []
        found.concat(take) while @instance.events_waiting?
        found
      end

      # @return [String, nil] why nothing can follow
      def ended
        "nothing is left to watch: #{@paths.join(", ")}" if @instance.watches.empty? && !@instance.events_waiting?
      end

      def close = @instance&.close
    end
  end
end
