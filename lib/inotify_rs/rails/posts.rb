# frozen_string_literal: true

module Inotify
  # The watches of the one instance that all {FileUpdateChecker}s of a process share, and for whom each is.
  # @api private
  class Posts
    # A directory is not there any more.
    Vanished = Class.new(StandardError)

    # What tells of a file by itself that it is written to.
    FILE = Flags.to_mask(:modify, :close_write, :attrib)
    # What moves mounts to other paths, or loses events that say so.
    MOVED = Flags.to_mask(:moved_from, :moved_to, :move_self, :q_overflow)
    # What tells nothing of itself.
    PROBE = Flags.to_mask(:delete_self, :onlydir)
    private_constant :FILE, :MOVED, :PROBE

    # @param refusals [Refusals]
    # @raise [InstanceLimitReached, Errno::EMFILE]
    def initialize(refusals)
      @refusals = refusals
      @instance = Instance.new
      @mounts = Internal::Mounts.new
      @mounted = @mounts.to_h
      @watches = {}
      @users = {}
      @again = {}.compare_by_identity
    end

    # Watches a directory of a tree. None that is gone: that is told by its parent.
    #
    # @param user [#apply] who gets its events
    # @return [Integer, nil] the wd
    def watch(path, mask, user)
      add(path, mask, user)
    rescue Errno::ENOENT, Errno::ENOTDIR, Errno::ELOOP
      nil
    rescue SystemCallError => e
      refused(path, e, user)
    end

    # What is mounted, by path, as it was read last: two are equal where nothing says that another one is mounted.
    #
    # @return [Hash{String => String}]
    attr_reader :mounted

    # Why that can't be read.
    #
    # @return [SystemCallError, nil]
    def mounts_failure = @mounts.failure

    # Where something else may be mounted than before. Reads nothing unless mounts changed.
    #
    # @return [Array<String>] paths
    def remounted
      return [] unless @displaced || @mounts.changed? || @mounts.failure

      @displaced = false
      @mounts.read.tap { @mounted = @mounts.to_h }
    end

    # Watches a single file, if that is mounted: what is written to it is no event of the directory it is in.
    #
    # @return [Integer, nil] the wd
    def watch_mounted(path, user)
      watch_file(path, user) if @mounted.key?(path)
    end

    # Watches a single file, and not by its directory.
    #
    # @return [Integer, nil] the wd
    def watch_file(path, user) = watch(path, FILE, user)

    # Watches a single file, if that has several names.
    #
    # @return [Integer, nil] the wd
    def watch_named(path, user)
      stat = File.lstat(path)
      watch_file(path, user) if stat.file? && stat.nlink > 1
    rescue SystemCallError
      nil
    end

    # Watches a directory that a path leads through. One that may be passed but not read can't be.
    #
    # @return [Integer, nil] the wd
    # @raise [Vanished]
    def anchor(path, mask, user)
      add(path, mask | Flags::IN_ONLYDIR, user)
    rescue Errno::ENOENT, Errno::ENOTDIR, Errno::ELOOP
      raise Vanished
    rescue Errno::EACCES
      nil
    rescue SystemCallError => e
      refused(path, e, user)
    end

    # Removes the watches that nobody else needs.
    def leave(wds, user)
      wds.each do |wd|
        users = @users[wd] or next
        users.delete(user)
        next unless users.empty?

        @users.delete(wd)
        @watches.delete(wd).remove
      end
    end

    # @return [nil]
    def refused(path, error, user)
      @refusals.add(path, error, user)
      nil
    end

    # Whether a directory can be watched, and what is in it examined, now.
    def watchable?(path)
      known = @instance.add_watch(path, PROBE | Flags::IN_MASK_ADD)
      known.remove unless @watches.key?(known.wd)
      File.lstat(Way.join(path, "."))
      true
    rescue SystemCallError => e
      e.is_a?(Errno::ENOENT) || e.is_a?(Errno::ENOTDIR)
    end

    # Whether a directory was refused and is no more.
    def readmitted?(path) = @refusals.include?(path) && watchable?(path)

    # Hands out the events there are.
    #
    # @yield when some were lost
    def deliver(&block)
      @instance.read(timeout: 0).each { |event| dispatch(event, &block) } while @instance.events_waiting?
    end

    def look_again(user) = @again[user] = true

    # @return [#look, nil] who is to look again
    def next_to_look = @again.shift&.first

    def close
      @mounts.close
      @instance.close
    end

    private

    def add(path, mask, user)
      watch = @instance.add_watch(path, mask | Flags::IN_MASK_ADD)
      @watches[watch.wd] ||= watch
      (@users[watch.wd] ||= {}.compare_by_identity)[user] = true
      watch.wd
    end

    # With a directory go the mounts in it: what was read of them may speak of its old path.
    def displaces?(event) = event.mask.anybits?(MOVED) && (event.isdir? || !event.name)

    def dispatch(event)
      @displaced ||= displaces?(event)
      return yield if event.q_overflow?

      @users[event.wd]&.keys&.each { |user| user.apply(event, self) }
      return unless event.ignored?

      @users.delete(event.wd)
      @watches.delete(event.wd)
    end
  end
  private_constant :Posts
end
