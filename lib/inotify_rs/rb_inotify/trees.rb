# frozen_string_literal: true

module INotify
  # The trees of a {Notifier}: which directory is which, and what the events of directories give rise to.
  # @api private
  class Trees
    FOLLOWED = Inotify::Flags.to_mask(:create, :delete, :moved_from, :moved_to)
    private_constant :FOLLOWED

    # @param by_wd [Hash{Integer => Watcher}] those there is an object for
    # @param ended [Hash{Integer => true}] wds whose events are nobody's business any more
    def initialize(queue, by_wd, ended)
      @queue = queue
      @by_wd = by_wd
      @ended = ended
      @branches = Inotify.__send__(:branches)
      @roots = {}
      @moving = {}
      @told = @ahead = @astray = @lost = @warned = false
      @moves = @bits = @unwanted = 0
      calm
    end

    # The bits of masks that this must see, one by one.
    attr_reader :bits

    # Watches all below a directory that is watched.
    def plant(watcher, wd, asked)
      number = @branches.plant(@queue.fileno, wd, asked)
      @roots[number] = watcher
      # What is asked for to follow a tree, and not to be told.
      @unwanted |= FOLLOWED & ~watcher.wanted
      @bits |= Inotify::Flags::IN_ISDIR | @unwanted
      # Those of another tree are of this one now.
      @by_wd.delete_if { |id, known| known.is_a?(InTree) && !known.equal?(watcher) && @branches.root(id) == number }
      warn_of_refused
    end

    # A new one.
    def branch(wd)
      root = @roots[@branches.root(wd)]
      @by_wd[wd] = BranchWatcher.new(root, wd, @branches.path(wd)) if root
    end

    def wds = @branches.wds

    def include?(wd) = !@branches.root(wd).nil?

    # Ends the watches of a directory and of all below.
    def prune(wd) = ended(@branches.prune(@queue.fileno, wd))

    # Takes an event of a tree, and adds to an Array what is to be told.
    def take(event, watcher, events)
      return if @told && @branches.repeats?(event.wd, event.mask, event.name)

      found = event.isdir? && !event.name.empty? ? follow(event) : []
      @branches.forget(event.wd) if event.ignored?
      events << event if watcher.wants?(event.mask)
      events.concat(found)
    end

    # After a loss of events: what has changed since the queue was empty.
    # @return [Array<Event>]
    def look_again
      return [] if @bits.zero?

      # What is queued by now tells how it came to what is found: who follows it is led astray.
      @lost = @ahead = true
      records, gone = @branches.look_again(@queue.fileno, @calm)
      ended(gone)
      forget_paths
      warn_of_refused
      made(records)
    end

    # The queue is empty.
    def calm
      @calm = Inotify.__send__(:moment)
      return unless @told || @ahead

      @branches.settle
      @told = @ahead = @lost = false
      @bits = Inotify::Flags::IN_ISDIR | @unwanted
    end

    # A look finds what is there now, while events that were queued before tell how it came about. Whether directories
    # have moved in that time: who believes the events is led astray then.
    def astray? = @astray

    # Tells again of all that was found ahead of its events, which have been told by now. After a loss of events, that
    # may be anything.
    def tell_again
      @astray = false
      found = @lost ? look_again : []
      found.concat(made(@branches.tell_again(@queue.fileno)))
    end

    private

    def follow(event)
      @astray ||= event.move? && (@told || @ahead)
      found = follow_to(event)
      forget_paths
      found
    end

    def follow_to(event)
      return leave(event) if event.moved_from?
      return arrive(event) if event.moved_to?

      # What could not be read may be readable now.
      look = event.create? || (event.attrib? && @warned)
      (look(event, all: event.create?) if look) || []
    end

    # @return [Array<Event>, nil] nil: it is not there
    def look(event, all:)
      records = @branches.look(@queue.fileno, event.wd, event.name, all)
      # What has moved within is expected elsewhere.
      @ahead ||= @branches.moves - @moves > (event.moved_to? && !all ? 1 : 0)
      warn_of_refused
      records && made(records)
    end

    def leave(event)
      if @queue.paired?(event.cookie)
        @moving[event.cookie] = [event.wd, event.name]
      else
        ended(@branches.depart(@queue.fileno, event.wd, event.name))
      end
      []
    end

    # What has moved within is known.
    def arrive(event)
      wd, name = @moving.delete(event.cookie)
      found = look(event, all: wd.nil?)
      @branches.rename(wd, name, event.wd, event.name) if wd && found.nil?
      found || []
    end

    # Those objects have the path of a directory, which may have moved.
    def forget_paths
      return if @moves == @branches.moves

      @moves = @branches.moves
      @by_wd.delete_if { |_, watcher| watcher.is_a?(BranchWatcher) }
    end

    def ended(wds)
      wds.each do |wd|
        @ended[wd] = true
        @by_wd.delete(wd)
      end
    end

    # Events of records.
    def made(records)
      return [] if records.empty?

      # The kernel may be about to tell the same.
      @told = true
      @bits |= FOLLOWED
      @queue.events_of(records).each do |event|
        watcher = event.watch
        event.__send__(:bind, branch(event.wd) || watcher) if watcher.is_a?(Notifier)
      end
    end

    # Once: there may be many of them.
    def warn_of_refused
      path, errno = @branches.refused
      return if path.nil? || @warned

      @warned = true
      reason = SystemCallError.new(errno).message
      warn("inotify_rs: #{path.inspect} cannot be watched or examined, and maybe others: #{reason}. Changes are lost")
    end
  end
  private_constant :Trees
end
