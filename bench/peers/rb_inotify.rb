# frozen_string_literal: true

require "io/wait"
require "rb-inotify"

module Peers
  # rb-inotify, whose callback asks for the name.
  class RbNames
    FLAGS = %i[access modify attrib close_write close_nowrite open moved_from moved_to create delete].freeze

    def initialize(path, mask)
      @notifier = INotify::Notifier.new
      @notifier.watch(path, *FLAGS.each_with_index.filter_map { |flag, bit| flag if mask[bit] == 1 }) do |event|
        handle(event)
      end
      @count = @bytes = 0
      @last = nil
    end

    def drain(total)
      @notifier.process while @count < total
      done
    end

    # As {drain}, for when some may be lost: ends after some silence.
    def storm(total)
      @notifier.process while @count < total && @notifier.to_io.wait_readable(QUIET)
      done
    rescue INotify::QueueOverflowError
      # What was read with the overflow is gone, too. A patient program goes on.
      retry
    end

    def forever(&block)
      @block = block
      @notifier.run
    end

    private

    def handle(event)
      @count += 1
      @bytes += event.name.bytesize
      @block&.call
    end

    def done = [@count, @bytes]
  end

  # rb-inotify, whose callback does not ask for the name.
  class RbEvents < RbNames
    private

    def handle(event)
      @count += 1
      @last = event
      @block&.call
    end

    def done = [@count, @count * @last.name.bytesize]
  end
end
