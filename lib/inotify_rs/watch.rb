# frozen_string_literal: true

module Inotify
  # One watched path, as {Instance#add_watch} returns it. Frozen and shareable between Ractors.
  #
  # The kernel has one watch for each inode. Adding the same file again, under another name of it, gives another Watch
  # of the same {#wd}; they are equal, share mask and end, and events have the path that was added last.
  #
  # @!method wd
  #   @return [Integer] the watch descriptor
  # @!method path
  #   @return [String] the path as it was given, frozen. It does not follow renames: the kernel does not report the
  #     new path
  # @!method mask
  #   @return [Integer] the events that are watched for now, as `IN_*` bits
  # @!method remove
  #   Removes the watch, for every path of the inode. Events that are queued for it are still reported, and then an
  #   `IN_IGNORED`.
  #   @return [Boolean] false if it was removed already, or the instance is closed
  #   @raise [IOError] in a forked child
  # @!method hash
  #   @return [Integer] the same for equal watches
  # @!method removed?
  #   @return [Boolean] whether the watch is gone: removed, or dropped by the kernel and its `IN_IGNORED` read, or its
  #     instance closed
  class Watch
    class << self
      undef_method :new
    end

    # @return [Array<Symbol>] {#mask} as Symbols
    def flags = Flags.to_flags(mask)

    # @return [Boolean] whether `other` is the same watch of the kernel
    def ==(other) = other.is_a?(Watch) && same?(other)
    alias eql? ==

    # A watch never changes its path, so its copy is itself.
    # @return [Watch]
    def dup = self

    # (see #dup)
    def clone(freeze: true) = self # rubocop:disable Lint/UnusedMethodArgument

    # @return [String] `#<Inotify::Watch wd=1 "app" create|delete>`, and whether it is removed
    def inspect
      "#<#{self.class} wd=#{wd} #{path.inspect} #{flags.join("|")}#{" removed" if removed?}>"
    end
    alias to_s inspect
  end
end
