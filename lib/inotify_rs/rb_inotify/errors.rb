# frozen_string_literal: true

module INotify
  # Raised when the kernel's queue was full and events were dropped, if {Notifier#raise_on_overflow=} asks for it.
  class QueueOverflowError < RuntimeError
    # @api private
    def initialize(message = "inotify event queue has overflowed: events are lost") = super
  end
end
