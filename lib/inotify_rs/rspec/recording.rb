# frozen_string_literal: true

module Inotify
  module RSpec
    # The events that a block causes, and those that follow for a while.
    # @api private
    class Recording
      # One of these is not watched by others of the same instance.
      LANDMARKS = ["/", "/dev/null", "/proc"].freeze
      private_constant :LANDMARKS

      # @return [Array<Event>]
      attr_reader :events

      # @param paths [Array<String>]
      # @param mask [Integer]
      # @raise [SystemCallError] a path can't be watched
      def self.of(paths, mask)
        Instance.open do |instance|
          paths.each { |path| instance.add_watch(path, mask) }
          yield new(instance)
        end
      end

      def initialize(instance)
        @instance = instance
        @events = []
      end

      # Takes what has happened until now, and waits for none of it: what a system call causes is queued before it
      # returns. A watch that is made and removed leaves a mark behind all that, so that a busy neighbour is not
      # followed for ever.
      def catch_up
        mark_end
        take until @marked || !@instance.events_waiting?
      end

      # Waits for more, until the block is content.
      #
      # @param deadline [Internal::Deadline]
      # @return [Boolean] whether it was
      def follow(deadline)
        until yield
          return false if deadline.passed?

          take(deadline.remaining)
        end
        true
      end

      # Whether the kernel dropped events.
      def overflowed? = @events.any?(&:q_overflow?)

      private

      def take(timeout = 0)
        @events.concat(@instance.read(timeout: timeout).reject { |event| end?(event) })
      end

      def mark_end
        LANDMARKS.each do |path|
          watch = @instance.add_watch(path, :delete_self, :mask_create)
          watch.remove
          return @mark = watch.wd
        rescue SystemCallError
          # It is watched for the example.
        end
      end

      def end?(event)
        return false unless event.wd == @mark

        @marked = true
      end
    end
    private_constant :Recording
  end
end
