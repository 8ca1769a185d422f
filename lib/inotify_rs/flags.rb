# frozen_string_literal: true

module Inotify
  # The constants of `<sys/inotify.h>`, and their names as Symbols: `IN_CLOSE_WRITE` is `:close_write`.
  # The meaning of each is that of inotify(7), "inotify events"; of inotify_init1(2) for the last two.
  module Flags
    # File was read, or executed.
    IN_ACCESS = 0x0000_0001
    # File was written or truncated.
    IN_MODIFY = 0x0000_0002
    # Metadata changed: permissions, times, owner, link count, extended attributes.
    IN_ATTRIB = 0x0000_0004
    # A file opened for writing was closed.
    IN_CLOSE_WRITE = 0x0000_0008
    # A file or directory not opened for writing was closed.
    IN_CLOSE_NOWRITE = 0x0000_0010
    # A file or directory was opened.
    IN_OPEN = 0x0000_0020
    # An entry was renamed; this is its old name.
    IN_MOVED_FROM = 0x0000_0040
    # An entry was renamed; this is its new name.
    IN_MOVED_TO = 0x0000_0080
    # A file or directory was created in the watched directory.
    IN_CREATE = 0x0000_0100
    # A file or directory was removed from the watched directory.
    IN_DELETE = 0x0000_0200
    # The watched file or directory was itself removed.
    IN_DELETE_SELF = 0x0000_0400
    # The watched file or directory was itself renamed.
    IN_MOVE_SELF = 0x0000_0800

    # Either way of closing.
    IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
    # Either half of a rename.
    IN_MOVE = IN_MOVED_FROM | IN_MOVED_TO
    # All events that a watch can ask for.
    IN_ALL_EVENTS = 0x0000_0fff

    # Always reported: the file system of the watched object was unmounted.
    IN_UNMOUNT = 0x0000_2000
    # Always reported: the queue was full and events were dropped; the event's wd is -1.
    IN_Q_OVERFLOW = 0x0000_4000
    # Always reported: the watch is gone, be it removed, or its file deleted or unmounted.
    IN_IGNORED = 0x0000_8000
    # Always reported: the subject of the event is a directory.
    IN_ISDIR = 0x4000_0000

    # For a watch: only a directory; another file raises `Errno::ENOTDIR`.
    IN_ONLYDIR = 0x0100_0000
    # For a watch: watch a symbolic link itself, not what it points to.
    IN_DONT_FOLLOW = 0x0200_0000
    # For a watch: no events for children after they were unlinked.
    IN_EXCL_UNLINK = 0x0400_0000
    # For a watch: only a new one; a file that has one raises `Errno::EEXIST`. Linux 4.18.
    IN_MASK_CREATE = 0x1000_0000
    # For a watch: add to the mask it has instead of replacing it.
    IN_MASK_ADD = 0x2000_0000
    # For a watch: remove it after its first event.
    IN_ONESHOT = 0x8000_0000

    # For {Inotify.init}: reading returns at once. Numerically `IN_MOVE_SELF`: a flag of another call.
    IN_NONBLOCK = 0x0000_0800
    # For {Inotify.init}: close on execve(2). Always set.
    IN_CLOEXEC = 0x0008_0000

    # Flags of inotify_init1(2), which name no event.
    INIT = %i[IN_NONBLOCK IN_CLOEXEC].freeze
    private_constant :INIT

    # Every Symbol of a watch or event and its bits.
    # @return [Hash{Symbol => Integer}] `{access: 1, modify: 2, …}`, by rising bits
    BITS = constants.grep(/\AIN_/).reject { |name| INIT.include?(name) }
                    .map { |name| [name.to_s.delete_prefix("IN_").downcase.to_sym, const_get(name)] }
                    .sort_by(&:last).to_h.freeze

    # The Symbols that stand for one bit.
    SINGLE = BITS.select { |_, bits| (bits & (bits - 1)).zero? }.freeze
    private_constant :SINGLE

    # The largest mask.
    MASK_MAX = 0xffff_ffff
    private_constant :MASK_MAX

    module_function

    # Makes a mask of Symbols and Integers.
    #
    #   Inotify::Flags.to_mask(:create, :moved_to) # => 384
    #
    # @param flags [Array<Symbol, Integer>] any number of them; Arrays are flattened
    # @return [Integer] 0 to 2**32 - 1
    # @raise [ArgumentError] for an unknown Symbol, with the known ones
    # @raise [RangeError] for an Integer that is no mask
    # @raise [TypeError] for anything else
    def to_mask(*flags)
      flags.flatten.inject(0) { |mask, flag| mask | bits_of(flag) }
    end

    # Names the bits of a mask. Bits without a name are ignored.
    #
    #   Inotify::Flags.to_flags(0x4000_0100) # => [:create, :isdir]
    #
    # @param mask [Integer]
    # @return [Array<Symbol>] one for each bit, lowest first
    def to_flags(mask)
      SINGLE.filter_map { |flag, bit| flag if mask.anybits?(bit) }
    end

    # @api private
    def bits_of(flag)
      case flag
      when Symbol then BITS.fetch(flag) { raise ArgumentError, unknown(flag) }
      when Integer
        raise RangeError, "mask #{flag} is out of range: 0 to 2**32 - 1" unless flag.between?(0, MASK_MAX)

        flag
      else raise TypeError, "a mask is an Integer or Symbols such as :create, not #{flag.inspect}"
      end
    end
    private_class_method :bits_of

    # @api private
    def unknown(flag)
      "unknown flag #{flag.inspect}; the flags are #{BITS.keys.map(&:inspect).join(", ")}"
    end
    private_class_method :unknown
  end
end
