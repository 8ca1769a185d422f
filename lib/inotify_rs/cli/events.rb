# frozen_string_literal: true

module Inotify
  module CLI
    # The kernel's own events of the given files and directories, to be printed.
    # @api private
    class Events
      # @return [OwnFiles]
      attr_reader :own_files

      # @param settings [Settings]
      # @param notices [Notices]
      def initialize(settings, notices)
        @own_files = OwnFiles.new(notices)
        @paths = settings.paths
        @mask = settings[:types] ? Flags.to_mask(settings[:types]) : Flags::IN_ALL_EVENTS
        raise Failure.usage("--types has no event to wait for") unless @mask.anybits?(Flags::IN_ALL_EVENTS)
      rescue ArgumentError => e
        raise Failure.usage(e.message.tr(":", ""))
      end

      # Begins to watch.
      #
      # @raise [SystemCallError] what can't be watched
      def open
        @instance = Instance.new
        @paths.each { |path| @instance.add_watch(path, @mask) }
      end

      # @return [String] what is watched
      def summary = "watching #{@paths.join(", ")}"

      # @return [IO] readable when there is something to {#take}
      def io = @instance.to_io

      # @return [Array<Records::Event>] what there is; never waits
      def take
        time = Time.now
        @own_files.without(@instance.read(timeout: 0).map { |event| Records::Event.new(event, time) })
      end

      # @return [Array<Records::Event>] all that has happened
      def rest
        found = []
        found.concat(take) while @instance.events_waiting?
        found
      end

      # @return [String, nil] why there is nothing more to come
      def ended
        "what was watched is gone: #{@paths.join(", ")}" if @instance.watches.empty? && !@instance.events_waiting?
      end

      def close = @instance&.close
    end
  end
end
