# frozen_string_literal: true

# The calls of inotify(7) on plain descriptor numbers. {Inotify::Instance} is the same as an object.
module Inotify
  class << self
    # @!method init(flags = 0)
    #   Opens an inotify instance, as inotify_init1(2). Its descriptor closes on exec, and by {close}.
    #
    #   @param flags [Integer] 0 or more of {Flags::IN_NONBLOCK} and {Flags::IN_CLOEXEC}
    #   @return [Integer] the descriptor
    #   @raise [Errno::EINVAL] unknown flags
    #   @raise [InstanceLimitReached] the user's limit of instances, after a garbage collection did not help
    #   @raise [Errno::EMFILE] the process has no descriptor left

    # Watches a file or directory, as inotify_add_watch(2). Watching the same one again replaces its mask, unless
    # {Flags::IN_MASK_ADD} or {Flags::IN_MASK_CREATE} says otherwise.
    #
    # @param fd [Integer] of {init}
    # @param path [String, #to_path] in any encoding; its bytes are used as they are if they can be
    # @param mask [Array<Integer, Symbol>] `Flags::IN_CREATE | Flags::IN_MODIFY`, or `:create, :modify`
    # @return [Integer] the watch descriptor
    # @raise [SystemCallError] `Errno::ENOENT`, `EACCES`, `ENOTDIR`, `EEXIST` … naming the path; `Errno::EBADF`;
    #   `Errno::EINVAL` when `fd` is not inotify, or the mask asks for nothing
    # @raise [WatchLimitReached] the user's limit of watches
    # @raise [ArgumentError] a NUL in the path, an unknown Symbol, no mask
    # @raise [TypeError, RangeError] not a path, or not a mask
    def add_watch(fd, path, *mask)
      raise ArgumentError, "a mask is needed: Inotify.add_watch(fd, path, :create, :modify)" if mask.empty?

      Internal::Sys.add_watch(fd, Internal::SystemPath.of(path), Flags.to_mask(*mask))
    end

    # Removes a watch, as inotify_rm_watch(2). Events that are queued for it are still reported, and then an
    # `IN_IGNORED`.
    #
    # @param fd [Integer] of {init}
    # @param wd [Integer] of {add_watch}
    # @return [Integer] 0
    # @raise [Errno::EINVAL] no such watch, or `fd` is not inotify
    # @raise [Errno::EBADF] `fd` is not open
    def rm_watch(fd, wd) = Internal::Sys.rm_watch(fd, wd)

    # Yields the events of one read(2), or those that an earlier call left of one.
    #
    #   Inotify.watch(fd) { |event| … }
    #   Inotify.watch(fd) { |event, name| … }
    #
    # Waits for the first event on a blocking descriptor: other threads run meanwhile, or other fibers under a Fiber
    # scheduler; signals, `Thread#kill`, `Thread#raise` and `Timeout` end the wait at once. Never waits on a descriptor
    # opened with {Flags::IN_NONBLOCK}. Leaving the block early loses nothing: the next call yields the rest.
    #
    # @param fd [Integer] of {init}
    # @param timeout [Numeric, nil] the longest wait in seconds; nil: no limit
    # @yieldparam event [Event]
    # @yieldparam name [String] for a block with two parameters: {Event#name}, "" where the kernel sent none
    # @return [Integer] how many events were yielded; 0 when `timeout` passed or a non-blocking descriptor had none
    # @return [Enumerator] without a block
    # @raise [Errno::EBADF] `fd` is not open, or was closed by {close} during the wait
    # @raise [Errno::EINVAL] `fd` is not inotify; nothing was read from it
    def watch(fd, timeout: nil, &block)
      return to_enum(:watch, fd, timeout: timeout) unless block

      deadline = Internal::Deadline.after(timeout)
      reader = Internal::Descriptors.reader(Internal::Sys.check(fd))
      deadline = Internal::Deadline::PAST if Internal::Sys.nonblocking?(fd)
      reader.deliver(deadline, Internal::Arity.pairs?(block), &block)
    end

    # Closes a descriptor of {init}. Threads that wait for it get `Errno::EBADF`. May be called in a signal handler.
    #
    # @param fd [Integer] of {init}
    # @return [nil]
    # @raise [Errno::EBADF] it is not open
    # @raise [Errno::EINVAL] it is not inotify; it stays open
    def close(fd)
      Internal::Descriptors.reader(Internal::Sys.check(fd)).close
    end

    # Returns the limits of this user and how much of them is used. Reads all of /proc.
    #
    #   Inotify.limits[:watches].used # => 1234
    #
    # @return [Hash{Symbol => Limit}] `:instances` and `:watches` of the user, `:queued_events` of each instance
    def limits = Internal::LimitUsage.limits
  end
end
