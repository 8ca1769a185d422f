# frozen_string_literal: true

module INotify
  # Which watches a {Notifier} was asked for; in a forked child it begins anew with them.
  # @api private
  module Keeping
    private

    attr_reader :asked

    def begin_anew
      @pid = Process.pid
      @events = Events.new(self)
    end

    # What was read, of this process.
    def current
      return @events if @closed || !foreign?

      begin_anew
      asked = @asked.keys
      @asked.clear
      asked.each do |watcher|
        watcher.__send__(:renew)
      rescue SystemCallError
        # It is not there any more.
      end
      @events
    end

    def foreign? = @pid != Process.pid

    # Called by a watcher that comes to be.
    def add(watcher, mask)
      events = current
      wd = events.queue.add_watch(watcher.path, mask).wd
      @asked[watcher] = true
      events.by_wd[wd] = watcher
      wd
    end

    def add_tree(watcher, mask, asked)
      wd = add(watcher, mask)
      begin
        current.trees.plant(watcher, wd, asked)
      rescue SystemCallError
        end_watch(watcher, wd)
        raise
      end
      wd
    end

    def remove(watcher)
      trees = current.trees
      if watcher.is_a?(InTree) && trees.include?(watcher.id)
        trees.prune(watcher.id)
        @asked.delete(watcher)
      else
        end_watch(watcher, watcher.id)
      end
    end

    def end_watch(watcher, wd)
      events = current
      Inotify.rm_watch(events.queue.fileno, wd)
      events.by_wd.delete(wd)
      @asked.delete(watcher)
    end
  end
  private_constant :Keeping
end
