# frozen_string_literal: true

module INotify
  # The trees of a {Notifier}: which directory is which, and what the events of directories give rise to.
  # @api private
  class Trees
    FOLLOWED = Inotify::Flags.to_mask(:create, :delete, :moved_from, :moved_to)
    NONE = [].freeze
    private_constant :FOLLOWED, :NONE

    # @param by_wd [Hash{Integer => Watcher}] those there is an object for
    # @param ended [Hash{Integer => true}] wds whose events are nobody's business any more
    def initialize(queue, by_wd, ended)
      @queue = queue
      @branches = Inotify.__send__(:branches)
      @directories = Directories.new(queue, @branches, by_wd, ended)
      @mounts = Mounts.new(queue, @branches, @directories)
      @moving = {}
      @told = @ahead = @astray = @lost = @warned = false
      @bits = @unwanted = 0
      calm
    end

    # What is mounted in them.
    attr_reader :mounts

    # The bits of masks that this must see, one by one.
    attr_reader :bits

    # Watches all below a directory that is watched.
    def plant(watcher, wd, asked)
      @mounts.mark
      @directories.add_root(@branches.plant(@queue.fileno, wd, asked), watcher)
      # What is asked for to follow a tree, and not to be told.
      @unwanted |= FOLLOWED & ~watcher.wanted
      @bits |= Inotify::Flags::IN_ISDIR | @unwanted
      warn_of_refused
    end

    # A new watcher.
    def branch(wd) = @directories.branch(wd)

    def wds = @branches.wds

    def include?(wd) = !@branches.root(wd).nil?

    # Ends the watches of a directory and of all below.
    def prune(wd) = @directories.ended(@branches.prune(@queue.fileno, wd))

    # Takes an event of a tree, and adds to an Array what is to be told.
    def take(event, watcher, events)
      return if @told && @branches.repeats?(event.wd, event.mask, event.name)

      wanted = watcher.wants?(event.mask)
      found = event.isdir? && !event.name.empty? ? follow(event, wanted) : end_of(event, watcher)
      events << event if wanted
      events.concat(found)
    end

    # After a loss of events: what has changed since the queue was empty.
    # @return [Array<Event>]
    def look_again
      return [] if @bits.zero?

      # What is queued by now tells how it came to what is found: who follows it is led astray.
      @lost = @ahead = true
      records, gone = @branches.look_again(@queue.fileno, @calm)
      @directories.ended(gone)
      @directories.forget_paths
      warn_of_refused
      made(records)
    end

    # Something was mounted or unmounted.
    # @return [Array<Event>]
    def remounted
      records = @mounts.look
      @directories.forget_paths
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

    # Whether an event has told that a directory was deleted, after a look that told what is there now.
    def doubtful? = @branches.deleted?

    # Tells again of such directories that are there. For when the queue is empty: what was made again after that event
    # is told by another.
    def tell_deleted_again = made(@branches.tell_deleted_again(@queue.fileno))

    private

    def follow(event, wanted)
      ahead = @told || @ahead
      @astray ||= event.move? && ahead
      @branches.note_told(event.wd, event.mask, event.name) if wanted && ahead
      found = follow_to(event)
      @directories.forget_paths
      found
    end

    # The event may be the end of a watch.
    def end_of(event, watcher)
      @mounts.unmounted(event, watcher) if event.unmount?
      @branches.forget(event.wd) if event.ignored? && !@mounts.kept?(event.wd)
      NONE
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
      moves = @branches.moves
      records = @branches.look(@queue.fileno, event.wd, event.name, all)
      # What has moved within is expected elsewhere.
      @ahead ||= @branches.moves - moves > (event.moved_to? && !all ? 1 : 0)
      warn_of_refused
      records && made(records)
    end

    def leave(event)
      if @queue.paired?(event.cookie)
        @moving[event.cookie] = [event.wd, event.name]
      else
        @directories.ended(@branches.depart(@queue.fileno, event.wd, event.name))
      end
      []
    end

    # What has moved within is known.
    def arrive(event)
      wd, name = @moving.delete(event.cookie)
      found = look(event, all: wd.nil?)
      @mounts.moved_in if wd.nil?
      @branches.rename(wd, name, event.wd, event.name) if wd && found.nil?
      found || []
    end

    # Events of records.
    def made(records)
      return [] if records.empty?

      # The kernel may be about to tell the same.
      @told = true
      @bits |= FOLLOWED
      @directories.events_of(records)
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
