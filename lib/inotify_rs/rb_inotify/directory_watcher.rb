# frozen_string_literal: true

module INotify
  # A directory in a tree. Made by native code, when an event of it is delivered.
  # @api private
  class DirectoryWatcher < TreeWatcher
    class << self
      undef_method :new
    end

    # @return [Notifier]
    def notifier = @root.notifier

    # @return [Array<Symbol>]
    def flags = @root.flags

    # (see Watcher#callback!)
    def callback!(event)
      @root.callback!(event) unless @closed
    end
  end
  private_constant :DirectoryWatcher
end
