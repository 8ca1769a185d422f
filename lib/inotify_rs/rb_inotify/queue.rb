# frozen_string_literal: true

# What the rest of this directory needs of the engine.
module Inotify
  # An instance whose events are of a class of their own, and belong to objects that are not {Watch}es.
  # @api private
  class EventQueue < Instance
    # @param event_class [Class] derived from {Event}
    # @param by_wd [Hash{Integer => Object}] what an event's watch is
    # @param other [Object] the watch of an event whose wd is not in there
    def initialize(event_class, by_wd, other)
      super()
      @reader.make(event_class, by_wd, other)
    end

    # Waits until there is something to {collect}.
    #
    # @return [Boolean] false: closed
    def wait
      @reader.check_open
      @reader.wait(Internal::Deadline::NEVER)
    end

    # Adds events of what one read gave to an Array, up to and with one that has any of the bits, or whose wd is not
    # known.
    #
    # @return [Event, nil] that one; nil: there are no more
    def collect(events, bits) = @reader.collect(events, bits)

    # @return [Array<Event>] events of records that the kernel did not send
    def events_of(records) = records.empty? ? [] : @reader.events_of(records)

    # @return [Boolean] whether the second half of a rename has arrived
    def paired?(cookie) = @reader.paired?(cookie)

    # From now on there is an event with a wd of its own where something was mounted or unmounted.
    # @raise [SystemCallError] there is no /proc
    def mark_mounts = @watches.mark_mounts

    # @return [Boolean] whether an event with this wd, `IN_IGNORED`, is of that kind
    def mount_mark?(wd) = @watches.mount_mark?(wd)

    # Events were lost, and such ones with them perhaps: there will be another.
    def lose_mount_marks = @watches.lose_mount_marks

    # @return [Boolean] whether nothing is left to collect or to read
    def empty? = !@reader.fill
  end
  private_constant :EventQueue

  # For `lib/inotify_rs/rb_inotify`, which is another module.
  # @api private
  def self.event_queue(...) = EventQueue.new(...)
  private_class_method :event_queue

  # (see .event_queue)
  # @api private
  def self.branches = Internal::Branches.new
  private_class_method :branches

  # (see .event_queue)
  # @api private
  def self.moment = Internal::Moment.now
  private_class_method :moment
end
