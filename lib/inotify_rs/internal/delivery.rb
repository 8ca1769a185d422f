# frozen_string_literal: true

module Inotify
  module Internal
    # The part of a {Watcher} that calls the program: predicates, and on_error. The native thread never calls Ruby.
    # @api private
    class Delivery
      # @return [WatcherThread] delivers changes
      attr_reader :thread

      # @param filter [Filter]
      # @param on_error [#call, nil] nil: a warning for the first error of each class
      def initialize(filter, on_error)
        @filter = filter
        @on_error = on_error
        @warned = []
        @requests = {}
        @thread = WatcherThread.new { prepare }
        filter.thread = @thread
      end

      # Starts the thread.
      #
      # @param paths [Array<String>]
      # @param options [Hash]
      # @raise [SystemCallError, CheckpointError]
      def start(paths, options)
        @filter.roots = @thread.start(paths, options)
      end

      # Replies to the requests of the thread: whether the directories that it found are included.
      def reply
        return unless @filter.ignores? && !@thread.asking?

        # A request is forgotten when it is replied to, not before. A second reply changes nothing.
        @thread.requests_to(@requests)
        requests = @requests.dup
        return if requests.empty?

        @thread.reply_predicates(requests.map { |number, path| [number, @filter.include?(path, true)] })
        requests.each_key { |number| @requests.delete(number) }
      end

      # Delivers all errors. When on_error raises, the rest is delivered the next time.
      def deliver_errors
        @thread.deliver_errors { |error| @on_error ? @on_error.call(error) : warn_once(error) }
        @thread.check_failure
      end

      # @return [Boolean] whether all that happened before the call is delivered, or about to be; false: the deadline
      #   passed
      # @raise [IOError] closed
      def sync(deadline) = @thread.sync(deadline) { reply } || @thread.check_open || false

      # @return [Array<String>] the paths that are included
      # @raise [IOError] closed
      def paths
        paths = ask(:paths)
        paths.select! { |path, directory| @filter.include?(path, directory) } if @filter.predicates?
        deliver_errors
        paths.map(&:first)
      end

      # @return [Array<String>] the differences that an audit found, except for directories that are not included
      # @raise [IOError] closed
      def differences
        differences = ask(:audit).select { |_, dir| dir.nil? || @filter.include?(dir, true) }
        deliver_errors
        differences.map(&:first)
      end

      # Writes a checkpoint of the last batch that the program took.
      #
      # @param path [String]
      # @raise [IOError] closed
      def checkpoint(path) = ask(:checkpoint, path)

      private

      # Called before changes are taken, if there are errors or predicates.
      def prepare
        reply
        filter_batch if @filter.predicates? && !@thread.filtered? && !@thread.asking?
        deliver_errors
      end

      # Takes no lock, because a signal handler must not. Two threads may filter the same batch at once: the first one
      # that has finished moves it.
      def filter_batch
        batch = @thread.unfiltered or return

        @thread.filtered(batch, @filter.select(batch))
      end

      def ask(request, *arguments)
        raise FilterError, "a filter cannot call #{request} of its own watcher" if @thread.asking?

        @thread.public_send(request, Deadline::NEVER, *arguments) { reply } || @thread.check_open
      end

      def warn_once(error)
        return if @warned.include?(error.class)

        @warned << error.class
        warn("Inotify::Watcher: #{error.message}; pass on_error: to see the rest")
      end
    end
  end
end
