# frozen_string_literal: true

module Inotify
  # One event of the kernel, `struct inotify_event` of inotify(7). Immutable, shareable between Ractors, and valid for
  # as long as the program keeps it.
  #
  # @!method wd
  #   @return [Integer] the watch descriptor; -1 when the queue overflowed
  # @!method mask
  #   @return [Integer] what happened, as `IN_*` bits
  # @!method cookie
  #   @return [Integer] the same for both halves of a rename; 0 elsewhere
  # @!method len
  #   @return [Integer] the record's name part in bytes, with its padding
  # @!method name
  #   @return [String, nil] one path component in the filesystem encoding, whatever its bytes, a new String at each
  #     call; nil where the kernel sent none, as for a watch on a file
  # @!method watch
  #   @return [Watch, nil] where it was read from an {Instance}: the watch it belongs to; nil for an overflow
  class Event
    class << self
      undef_method :new
    end

    # @!group What happened

    # @return [Boolean] `IN_ACCESS`: the file was read or executed
    def access? = mask.anybits?(Flags::IN_ACCESS)
    # @return [Boolean] `IN_MODIFY`: the file was written or truncated
    def modify? = mask.anybits?(Flags::IN_MODIFY)
    # @return [Boolean] `IN_ATTRIB`: metadata changed
    def attrib? = mask.anybits?(Flags::IN_ATTRIB)
    # @return [Boolean] `IN_CLOSE_WRITE`: a file opened for writing was closed
    def close_write? = mask.anybits?(Flags::IN_CLOSE_WRITE)
    # @return [Boolean] `IN_CLOSE_NOWRITE`: a file or directory not opened for writing was closed
    def close_nowrite? = mask.anybits?(Flags::IN_CLOSE_NOWRITE)
    # @return [Boolean] `IN_CLOSE`: closed, either way
    def close? = mask.anybits?(Flags::IN_CLOSE)
    # @return [Boolean] `IN_OPEN`: a file or directory was opened
    def open? = mask.anybits?(Flags::IN_OPEN)
    # @return [Boolean] `IN_MOVED_FROM`: the old name of a rename
    def moved_from? = mask.anybits?(Flags::IN_MOVED_FROM)
    # @return [Boolean] `IN_MOVED_TO`: the new name of a rename
    def moved_to? = mask.anybits?(Flags::IN_MOVED_TO)
    # @return [Boolean] `IN_MOVE`: either half of a rename
    def move? = mask.anybits?(Flags::IN_MOVE)
    # @return [Boolean] `IN_CREATE`: a file or directory was created
    def create? = mask.anybits?(Flags::IN_CREATE)
    # @return [Boolean] `IN_DELETE`: a file or directory was removed
    def delete? = mask.anybits?(Flags::IN_DELETE)
    # @return [Boolean] `IN_DELETE_SELF`: the watched file or directory was removed
    def delete_self? = mask.anybits?(Flags::IN_DELETE_SELF)
    # @return [Boolean] `IN_MOVE_SELF`: the watched file or directory was renamed
    def move_self? = mask.anybits?(Flags::IN_MOVE_SELF)
    # @return [Boolean] `IN_UNMOUNT`: the file system was unmounted
    def unmount? = mask.anybits?(Flags::IN_UNMOUNT)
    # @return [Boolean] `IN_Q_OVERFLOW`: the queue was full and events were dropped
    def q_overflow? = mask.anybits?(Flags::IN_Q_OVERFLOW)
    # @return [Boolean] `IN_IGNORED`: the watch is gone
    def ignored? = mask.anybits?(Flags::IN_IGNORED)
    # @return [Boolean] `IN_ISDIR`: the subject is a directory
    def isdir? = mask.anybits?(Flags::IN_ISDIR)

    # @!endgroup

    # @return [Array<Symbol>] {#mask} as Symbols: `[:create, :isdir]`
    def flags = Flags.to_flags(mask)

    # @return [String, nil] the path of {#watch}, and the name if there is one, in the filesystem encoding, a new String
    #   at each call; nil without a watch
    def path = watch && Internal::SystemPath.join(watch.path, name)

    # @param key [Symbol, String] `:wd`, `:mask`, `:cookie`, `:len`, `:name`, `:flags` or `:path`
    # @return [Object] that field
    # @raise [KeyError] for another key
    def [](key)
      case key.respond_to?(:to_sym) ? key.to_sym : key
      when :wd then wd
      when :mask then mask
      when :cookie then cookie
      when :len then len
      when :name then name
      when :flags then flags
      when :path then path
      else raise KeyError.new("an event has no #{key.inspect}; it has #{FIELDS.inspect}", receiver: self, key: key)
      end
    end

    # The keys of {#to_h}.
    FIELDS = %i[wd mask cookie len name flags path].freeze
    private_constant :FIELDS

    # @return [Hash{Symbol => Object}] the fields by name
    def to_h = FIELDS.to_h { |field| [field, self[field]] }

    # For pattern matching: `case event in {name: String => name, flags: [*, :create, *]}`.
    #
    # @param keys [Array<Symbol>, nil] the fields the pattern asks for
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(keys)
      keys ? FIELDS.intersection(keys).to_h { |field| [field, self[field]] } : to_h
    end

    # @return [Boolean] whether `other` is an event with the same fields
    def ==(other)
      other.is_a?(Event) && wd == other.wd && mask == other.mask && cookie == other.cookie &&
        len == other.len && name == other.name
    end
    alias eql? ==

    # @return [Integer] the same for equal events
    def hash = [Event, wd, mask, cookie, len, name].hash

    # An event never changes, so its copy is itself.
    # @return [Event]
    def dup = self

    # (see #dup)
    def clone(freeze: true) = self # rubocop:disable Lint/UnusedMethodArgument

    # @return [String] `#<Inotify::Event wd=1 create|isdir name="x">`
    def inspect
      parts = ["wd=#{wd}", flags.empty? ? format("mask=%#x", mask) : flags.join("|")]
      parts << "cookie=#{cookie}" unless cookie.zero?
      parts << (watch ? "path=#{path.inspect}" : "name=#{name.inspect}") if watch || name
      "#<#{self.class} #{parts.join(" ")}>"
    end
    alias to_s inspect
  end
end
