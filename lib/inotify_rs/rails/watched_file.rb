# frozen_string_literal: true

module Inotify
  # One file that a {FileUpdateChecker} is given, or that a symbolic link in a directory leads to. Watched by its
  # directory, so that one saved in its place is no other.
  # @api private
  class WatchedFile
    MASK = Flags.to_mask(:create, :delete, :moved_from, :moved_to, :modify, :close_write, :attrib)
    private_constant :MASK

    # @param subject [Subject]
    # @param path [String] absolute, as bytes
    def initialize(subject, path)
      @subject = subject
      @way = Way.new(path, self)
    end

    # Looks at what is there.
    #
    # @param posts [Posts]
    # @param since [Float, nil] what has a ctime from here on has changed; nil: what is as it was has not
    def look(posts, since = nil)
      return if @released

      before = wds
      target = @way.follow(posts)
      @dir = target && posts.watch(target.dir, MASK, self)
      @name = target&.name
      look_at_mounted(target, posts)
      compare(target, since)
      posts.leave(before - wds, self)
    end

    def apply(event, posts)
      posts.look_again(self) if @way.concerned?(event)
      @subject.change if @mounted && event.wd == @mounted
      @subject.change if event.wd == @dir && event.mask.anybits?(MASK) && event.name&.b == @name
    end

    # Something else may be mounted at these paths.
    def remounted(paths, posts)
      posts.look_again(self) if concerned?(paths)
    end

    # Whether it may be another file when something else is mounted at these paths.
    def concerned?(paths) = paths.any? { |path| @way.passes?(path) }

    def release(posts)
      @released = true
      posts.leave(wds, self)
    end

    private

    def wds = [*@way.wds, @dir, @mounted].compact.uniq

    # Another one that is mounted, or none, is another file.
    def look_at_mounted(target, posts)
      mounted = target&.type && posts.watch_mounted(target.path, self)
      @subject.change if posts.equal?(@posts) && mounted != @mounted
      @mounted = mounted
      @posts = posts
    end

    def compare(target, since)
      path = target.path if target&.type
      @subject.change if (@looked && path != @path) || (since && path && ctime(path) >= since)
      @path = path
      @looked = true
    end

    # One that vanished since is told by an event.
    def ctime(path)
      File.lstat(path).ctime.to_f
    rescue SystemCallError
      -Float::INFINITY
    end
  end
  private_constant :WatchedFile
end
