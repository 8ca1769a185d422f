# frozen_string_literal: true

module Inotify
  # A directory that a {FileUpdateChecker} is given, with all below it, or one that a symbolic link in it leads to.
  # @api private
  class WatchedTree
    CAME = Flags.to_mask(:create, :moved_to)
    LEFT = Flags.to_mask(:delete, :moved_from)
    private_constant :CAME, :LEFT

    # @param subject [Subject]
    # @param path [String] absolute, as bytes
    # @param extensions [Extensions]
    # @param gems [GemPaths]
    # @param owners [Owners, nil] of the tree that the symbolic link is in
    def initialize(subject, path, extensions, gems, owners = nil)
      @subject = subject
      @extensions = extensions
      @gems = gems
      @given = owners.nil?
      @owners = owners || Owners.new(self)
      @way = Way.new(path, self)
      @places = Places.new(self, @owners)
      @links = {}
    end

    # Looks through all there is. A directory that was not known is new, and with it its files; but not at first.
    #
    # @param posts [Posts]
    # @param since [Internal::Moment, nil] what has a ctime from here on has changed; nil: what is known has not
    def look(posts, since = nil)
      return if @released

      before = wds
      known = @places.start_over(posts)
      walk = Walk.new(self, @places, known, since, @looked ? Internal::Moment::EVER : since)
      # What is looked up differs from then on, even while the directory is empty.
      change if enter_top(walk, posts) && @given
      follow_all(walk.links, since)
      # One that is gone, or another in its place, without an event to tell of what was in it.
      change unless @places.all?(known)
      posts.leave(before - wds, self)
      @looked = true
    end

    def apply(event, posts)
      posts.look_again(self) if @way.concerned?(event)
      return change if @places.file?(event.wd)

      dir = @places.path(event.wd) or return
      name = event.name&.b
      return ended(dir, event) unless name
      return if name.start_with?(".")

      path = Way.join(dir, name)
      event.isdir? ? directory(path, event) : entry(path, name, event)
    end

    # Something else may be mounted at these paths.
    def remounted(paths, posts)
      posts.look_again(self) if leads_to?(paths)
      @links.each_value { |link| link.remounted(paths, posts) }
    end

    # Whether something may have changed when something else is mounted at these paths.
    def concerned?(paths) = leads_to?(paths) || @links.each_value.any? { |link| link.concerned?(paths) }

    def release(posts)
      @released = true
      @places.release(posts)
      posts.leave(wds, self)
      @links.each_value { |link| link.release(posts) }
    end

    # @return [Array<Integer>] of all that it has under watch
    def wds = @way.wds | @places.wds

    # Something changed.
    def change = @subject.change

    # Whether a file of this name counts.
    def count?(name) = @extensions.count?(name)

    # Whether a directory is not to be entered.
    def leaves_out?(path) = @gems.include?(path)

    private

    # @return [Boolean] whether a directory is there that was missing when this was called last
    def enter_top(walk, posts)
      top = @way.follow(posts)
      there = top&.directory?
      walk.through(@top = top.path) if there
      appears = @missing && there
      @missing = !there
      appears
    end

    def leads_to?(paths)
      paths.any? { |path| @way.passes?(path) || (@top && path.start_with?(Way.join(@top, ""))) }
    end

    # Links come last: what has a path of its own in the tree is entered by that.
    def follow_all(links, since)
      links.each { |path, from| @links.key?(path) ? @links[path].look(@places.posts, since) : follow(path, from) }
      (@links.keys - links.map(&:first)).each { |path| forget_link(path) }
    end

    def follow(path, from)
      link = @links[path] = WatchedLink.new(@subject, path, @extensions, @gems, @owners)
      link.look(@places.posts, from)
      # A directory that was known by another path is not entered, and yet is new here.
      change if from == Internal::Moment::EVER && File.directory?(path)
    end

    # It is gone, or its file system is unmounted: then another directory is at its place.
    def ended(dir, event)
      if event.unmount?
        change
        @places.posts.look_again(self)
      end
      forget(dir) if event.ignored?
    end

    def directory(path, event)
      if event.create? || event.moved_to?
        enter_again(path)
      elsif event.attrib?
        enter_again(path) if enterable?(path)
      elsif forget(path) && event.moved_from?
        # What was in a removed one was told by itself.
        change
      end
    end

    # Whether a directory whose permissions changed may be readable now.
    def enterable?(path) = !@places.include?(path) || @places.posts.readmitted?(path)

    def enter_again(path)
      forget(path)
      enter(path)
    end

    def enter(path)
      return if leaves_out?(path)

      walk = Walk.new(self, @places, {}, nil, Internal::Moment::EVER)
      walk.through(path)
      walk.links.each { |link, from| follow(link, from) }
    end

    def entry(path, name, event)
      @subject.change_unless_idle(path, event) if count?(name)
      return unless event.mask.anybits?(CAME | LEFT)

      change if forget_link(path)
      follow(path, Internal::Moment::EVER) if event.mask.anybits?(CAME) && File.symlink?(path)
    end

    def forget(path)
      @links.each_key.select { |link| @places.inside?(link, path) }.each { |link| forget_link(link) }
      @places.forget(path)
    end

    # @return [Boolean] whether it was known
    def forget_link(path) = !@links.delete(path)&.release(@places.posts).nil?
  end
  private_constant :WatchedTree
end
