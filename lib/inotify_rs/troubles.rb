# frozen_string_literal: true

module Inotify
  # Who is told what a {Watcher} can't watch.
  # @api private
  class Troubles
    # @param listener [#call, nil] nil: a warning for the first of each kind
    # @raise [TypeError] it can't be called
    def initialize(listener)
      raise TypeError, "on_error must have a method call, not #{listener.inspect}" unless
        listener.nil? || listener.respond_to?(:call)

      @listener = listener
      @untold = []
      @warned = []
    end

    def add(troubles)
      @untold.concat(troubles)
    end

    # Tells all there are. When the listener raises, the rest is told the next time.
    def tell
      until @untold.empty?
        WatcherThread.deliver(@untold) { |trouble| @listener ? @listener.call(trouble) : warn_once(trouble) }
      end
    end

    private

    def warn_once(trouble)
      return if @warned.include?(trouble.class)

      @warned << trouble.class
      warn("Inotify::Watcher: #{trouble.message}; further ones of this kind are not told without on_error")
    end
  end
  private_constant :Troubles
end
