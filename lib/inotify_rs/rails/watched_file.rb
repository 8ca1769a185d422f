# frozen_string_literal: true

module Inotify
  # One file that a {FileUpdateChecker} is given, or that a symbolic link in a directory leads to. Watched by its
  # directory, so that one saved in its place is no other.
  # @api private
  class WatchedFile
    MASK = Flags.to_mask(:create, :delete, :moved_from, :moved_to, :modify, :close_write, :attrib)
    # What changes the names in a directory.
    NAMES = Flags.to_mask(:create, :delete, :moved_from, :moved_to)
    private_constant :MASK, :NAMES

    # @param subject [Subject]
    # @param path [String] absolute, as bytes
    # @param directory [Boolean] whether a directory counts as well, as a file whose content are the names in it
    def initialize(subject, path, directory: true)
      @subject = subject
      @way = Way.new(path, self)
      @directory = directory
    end

    # Looks at what is there.
    #
    # @param posts [Posts]
    # @param since [Internal::Moment, nil] what has a ctime from here on has changed; nil: what is as it was has not
    def look(posts, since = nil)
      return if @released

      before = wds
      target = @way.follow(posts)
      watch_directory(target, posts)
      @name = target&.name
      target = nil if target&.directory? && !@directory
      @inside = (posts.watch(target.path, NAMES, self) if target&.directory?)
      look_at_itself(target, posts)
      compare(target, since)
      posts.leave(before - wds, self)
    end

    def apply(event, posts)
      posts.look_again(self) if @way.concerned?(event)
      @subject.change_unless_idle(@path, event) if counts?(event)
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

    def wds = [*@way.wds, @dir, @inside, @itself].compact.uniq

    # Another directory has another file.
    def watch_directory(target, posts)
      before = @dir
      @dir = target && posts.watch(target.dir, MASK, self)
      @subject.change if before && posts.equal?(@posts) && before != @dir && target&.type
    end

    def counts?(event)
      case event.wd
      when @itself then true
      when @inside then in_directory?(event) || by_name?(event)
      else by_name?(event)
      end
    end

    def in_directory?(event) = event.name && event.mask.anybits?(NAMES)

    def by_name?(event)
      event.wd == @dir && event.mask.anybits?(MASK) && event.name&.b == @name && (@directory || !event.isdir?)
    end

    # Writes to a mounted file, to one that a magic link leads to, or through another name are no events of its
    # directory. Another one, or none, is another file.
    def look_at_itself(target, posts)
      itself = (watch_itself(target, posts) if target&.type)
      @subject.change if posts.equal?(@posts) && itself != @itself
      @itself = itself
      @posts = posts
    end

    def watch_itself(target, posts)
      return posts.watch_file(target.path, self) if target.elsewhere

      posts.watch_mounted(target.path, self) || posts.watch_named(target.path, self)
    end

    def compare(target, since)
      path = target.path if target&.type
      @subject.change if (@looked && path != @path) || (path && changed?(path, since))
      @path = path
      @looked = true
    end

    # One that vanished since is told by an event.
    def changed?(path, since)
      ctime = File.lstat(path).ctime if since
      since&.before?(ctime.to_i, ctime.nsec)
    rescue SystemCallError
      false
    end
  end
  private_constant :WatchedFile
end
