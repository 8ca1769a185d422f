# frozen_string_literal: true

module INotify
  # One watched file or directory, and what is to be called for its events. {Notifier#watch} makes it.
  class Watcher
    # @return [Notifier] that it belongs to
    attr_reader :notifier

    # @return [String] the path as it was given
    attr_reader :path

    # @return [Array<Symbol>] what it is watched for, frozen
    attr_reader :flags

    # @return [Integer] the watch descriptor: the key in {Notifier#watchers}
    attr_reader :id

    # Watches a path. See {Notifier#watch}, which is the same except for `:recursive`.
    #
    # @param notifier [Notifier]
    # @param path [String, #to_path]
    # @param flags [Array<Symbol>]
    # @yieldparam event [Event]
    # @raise [SystemCallError, ArgumentError] as {Notifier#watch}
    def initialize(notifier, path, *flags, &callback)
      @notifier = notifier
      @path = path.is_a?(String) ? path : File.path(path)
      @flags = flags.freeze
      @callback = callback || proc {}
      @closed = false
      renew
    end

    # Ends it: its callback is called no more, nor for what has been read already.
    #
    # @return [nil]
    # @raise [Errno::EINVAL] it has ended
    # @raise [IOError] the notifier is closed
    def close
      notifier.__send__(:remove, self)
      @closed = true
      nil
    end

    # Calls the callback, unless this is closed.
    #
    # @param event [Event]
    # @return [Object] what the callback returns
    def callback!(event)
      @callback.call(event) unless @closed
    end

    # @return [String] `#<INotify::Watcher id=1 "app" [:create]>`
    def inspect = "#<#{self.class} id=#{id} #{path.inspect} #{flags.inspect}>"
    alias to_s inspect

    private

    # Watches; anew after a fork.
    def renew
      @id = notifier.__send__(:add, self, Flags.to_mask(flags))
    end
  end
end
