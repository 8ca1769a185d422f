# frozen_string_literal: true

module INotify
  # What a {Notifier} has read and not handed over yet.
  # @api private
  class Events
    Q_OVERFLOW = Inotify::Flags::IN_Q_OVERFLOW
    IGNORED = Inotify::Flags::IN_IGNORED
    # Masks that are looked at one by one.
    BITS = Inotify::Flags.to_mask(:q_overflow, :ignored, :unmount, :move)
    # As the kernel tells it: wd, mask, cookie and the length of no name.
    OVERFLOW = [-1, Q_OVERFLOW, 0, 0].pack("lLLL").freeze
    private_constant :Q_OVERFLOW, :IGNORED, :BITS, :OVERFLOW

    # @return [Inotify::EventQueue]
    attr_reader :queue

    # @return [Trees]
    attr_reader :trees

    # @return [Hash{Integer => Watcher}] by wd; a tree's directories may be missing
    attr_reader :by_wd

    # @return [Hash{Integer => true}] wds whose events are nobody's business
    attr_reader :ended

    # @return [Array<Event>] not handed over yet
    attr_reader :pending

    def initialize(notifier)
      @notifier = notifier
      @by_wd = {}
      @ended = {}
      @pending = []
      @remounted = false
      @queue = Inotify.__send__(:event_queue, Event, @by_wd, notifier)
      @trees = Trees.new(@queue, @by_wd, @ended)
    end

    # Waits for events, and takes what one read gives.
    #
    # @return [Boolean] false: closed
    def read
      @trees.calm if @trees.bits.positive? && @queue.empty?
      return false unless Thread.handle_interrupt(Wake::Halt => :on_blocking) { @queue.wait }

      # What strikes between two lines would lose what the first has taken.
      Thread.handle_interrupt(Object => :never) { collect_all }
      true
    end

    private

    def collect_all
      collect
      # Not before all is told that led astray.
      collect while @trees.astray? && !@queue.empty?
      @pending.concat(@trees.tell_again) if @trees.astray?
      look_at_mounts if @remounted
      @pending.concat(@trees.tell_deleted_again) if @trees.doubtful? && @queue.empty?
    end

    def collect
      events = []
      moved = []
      while (event = @queue.collect(events, BITS | @trees.bits))
        take(events.pop, events)
        moved << event unless event.cookie.zero?
      end
      relate(moved)
      @pending.concat(events)
    end

    def look_at_mounts
      @remounted = false
      @pending.concat(@trees.remounted)
    end

    def take(event, events)
      return overflow(event, events) if event.mask.anybits?(Q_OVERFLOW)

      watcher = watcher_of(event)
      if watcher.nil?
        take_unknown(event, events)
      elsif watcher.is_a?(InTree)
        @trees.take(event, watcher, events)
      else
        events << event
      end
      forget(event.wd) if event.mask.anybits?(IGNORED) && !@trees.mounts.kept?(event.wd)
    end

    # An event without a watcher.
    def take_unknown(event, events)
      if (found = @trees.mounts.events_of_file(event))
        events.concat(found)
      elsif @trees.mounts.mark?(event)
        @remounted = true
      elsif !nobodys?(event)
        events << event
      end
    end

    def forget(wd)
      watcher = @by_wd.delete(wd)
      asked.delete(watcher) if watcher
    end

    # The watchers that were asked for.
    def asked = @notifier.__send__(:asked)

    def watcher_of(event)
      watcher = event.watch
      return watcher unless watcher.equal?(@notifier)

      watcher = @trees.branch(event.wd)
      event.__send__(:bind, watcher) if watcher
      watcher
    end

    def nobodys?(event)
      event.mask.anybits?(IGNORED) ? @ended.delete(event.wd) : @ended.key?(event.wd)
    end

    def overflow(event, events)
      @ended.clear
      @trees.mounts.lose
      events.concat(@notifier.raise_on_overflow ? [event] : told_of_overflow)
      events.concat(@trees.look_again)
    end

    # An event for each watcher that was asked for.
    def told_of_overflow
      asked.keys.map do |watcher|
        @queue.events_of(OVERFLOW).first.tap { |event| event.__send__(:bind, watcher) }
      end
    end

    # Both halves of a rename know each other.
    def relate(moved)
      moved.group_by(&:cookie).each_value do |halves|
        halves.each { |event| event.__send__(:relate, halves.reject { |other| other.equal?(event) }) }
      end
    end
  end
  private_constant :Events
end
