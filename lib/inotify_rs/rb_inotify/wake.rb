# frozen_string_literal: true

module INotify
  # Wakes whoever waits for the events of a {Notifier}, without a descriptor for it.
  # @api private
  module Wake
    # Where the limit of watches leaves no other way.
    class Halt < StandardError
    end

    # Nobody would see these end.
    PLACES = %w[/dev/null /proc/self/fdinfo /].freeze
    MASK = Inotify::Flags.to_mask(:delete_self, :mask_create)
    private_constant :PLACES, :MASK

    module_function

    # Makes and removes a watch: its end is an event. May be called in a signal handler.
    #
    # @param events [Events]
    # @return [Boolean] false: there is no room for a watch
    def call(events)
      fd = events.queue.fileno
      wd = PLACES.lazy.filter_map { |place| watch(fd, place) }.first
      return false unless wd

      events.ended[wd] = true
      Inotify.rm_watch(fd, wd)
      true
    end

    def watch(fd, place)
      Inotify.add_watch(fd, place, MASK)
    rescue SystemCallError
      nil
    end
    private_class_method :watch
  end
  private_constant :Wake
end
