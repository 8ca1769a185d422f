# frozen_string_literal: true

module INotify
  # The directories in the trees of a {Notifier}, and the watchers of those that somebody has asked for.
  # @api private
  class Directories
    # @param queue [Inotify::EventQueue]
    # @param branches [Inotify::Branches] which directory is which
    # @param by_wd [Hash{Integer => Watcher}] those there is an object for
    # @param ended [Hash{Integer => true}] wds whose events are nobody's business any more
    def initialize(queue, branches, by_wd, ended)
      @queue = queue
      @branches = branches
      @by_wd = by_wd
      @ended = ended
      @roots = {}
      @moves = 0
    end

    # A tree, by its number.
    def add_root(number, watcher)
      @roots[number] = watcher
      # Those of another tree are of this one now.
      @by_wd.delete_if { |id, known| known.is_a?(InTree) && !known.equal?(watcher) && @branches.root(id) == number }
    end

    # The root of a tree is another directory now.
    # @return [Integer] the wd it had
    def move_root(number, id)
      watcher = @roots[number]
      before = watcher.id
      watcher.__send__(:move, id)
      @by_wd[id] = watcher
      before
    end

    # A new watcher.
    def branch(wd)
      root = @roots[@branches.root(wd)]
      @by_wd[wd] = BranchWatcher.new(root, wd, @branches.path(wd)) if root
    end

    # Their watches have ended.
    def ended(wds)
      wds.each do |wd|
        @ended[wd] = true
        @by_wd.delete(wd)
      end
    end

    # Those objects have the path of a directory, which may have moved.
    def forget_paths
      return if @moves == @branches.moves

      @moves = @branches.moves
      @by_wd.delete_if { |_, watcher| watcher.is_a?(BranchWatcher) }
    end

    # @return [Array<Event>] events of records that the kernel did not send
    def events_of(records)
      @queue.events_of(records).each do |event|
        watcher = event.watch
        event.__send__(:bind, branch(event.wd) || watcher) if watcher.is_a?(Notifier)
      end
    end
  end
  private_constant :Directories
end
