# frozen_string_literal: true

module INotify
  # One event, as callbacks get it. It is an {Inotify::Event} as well, with its predicates (`event.create?`).
  class Event < Inotify::Event
    NONE = [].freeze
    private_constant :NONE

    # @return [String] the name of the file in the watched directory; "" where the event is about what is watched itself
    def name = super || +""

    # @return [String] the path of {#watcher}, and the name if there is one
    def absolute_name
      path = watcher.path
      name = self.name
      return path if name.empty?

      # Byte by byte: both may be in any encoding.
      joined = path.b
      joined << "/" unless joined.end_with?("/")
      (joined << name.b).force_encoding(path.encoding)
    end

    # @return [Array<Symbol>] what happened, with the helpers `:close` and `:move`
    def flags = Flags.from_mask(mask)

    # @return [Array<Event>] the other half of a rename, where both were read together
    def related = @related || NONE

    # @return [Watcher, nil] whose event it is; nil if that was closed before the event was read
    def watcher
      watcher = watch
      watcher unless watcher.is_a?(Notifier)
    end

    # @return [Notifier] that read it
    def notifier
      watcher = watch
      watcher.is_a?(Notifier) ? watcher : watcher.notifier
    end

    # @return [Integer] the watch descriptor, {Watcher#id}
    def watcher_id = wd

    # @return [Integer] how many bytes of the kernel's queue it took
    def size = 16 + len

    # Calls the callback of its watcher, if that is not closed.
    #
    # @return [Object] what the callback returns
    # @raise [QueueOverflowError] if it is one, and {Notifier#raise_on_overflow} is set
    def callback!
      watcher = watch
      return watcher.callback!(self) unless watcher.is_a?(Notifier)

      raise QueueOverflowError if q_overflow?
    end

    # @return [String, nil] {#absolute_name}; nil without a watcher
    def path = watcher && absolute_name

    # Two events with the same fields are two events.
    # @return [Boolean]
    def ==(other) = equal?(other)
    alias eql? ==

    # @return [Integer]
    def hash = __id__.hash

    # @return [String] `#<INotify::Event wd=1 create name="x">`
    def inspect = "#<#{self.class} wd=#{wd} #{Inotify::Flags.to_flags(mask).join("|")} name=#{name.inspect}>"
    alias to_s inspect
  end
end
