# frozen_string_literal: true

module Inotify
  # The way to a path: the directories and symbolic links it leads through, watched so that it is known when it leads
  # elsewhere.
  #
  # `/srv/app/lib`, where `/srv/app` is a symbolic link to `releases/7`, depends on the names `app` in `/srv`, `7` in
  # `/srv/releases` and `lib` in there; and on each directory staying where it is.
  # @api private
  class Way
    # What tells that a directory is no longer where it was.
    SELF = Flags.to_mask(:delete_self, :move_self)
    # What tells that a name stands for something else.
    NAMES = Flags.to_mask(:create, :delete, :moved_from, :moved_to)
    # As many symbolic links as the kernel follows.
    LINKS = 40
    # How often it is followed from the start when it changes meanwhile. After that, events tell of it.
    ATTEMPTS = 10
    private_constant :SELF, :NAMES, :LINKS, :ATTEMPTS

    # Where it leads: a directory's path, the last name in it and the type of what is there; no type: nothing is.
    Target = Struct.new(:dir, :name, :type) do
      def path = Way.join(dir, name)
    end

    # @return [String] both, byte by byte
    def self.join(dir, name) = dir.end_with?("/") ? "#{dir}#{name}" : "#{dir}/#{name}"

    # @param path [String] absolute, as bytes
    # @param user [Object] for whom directories are watched
    def initialize(path, user)
      @path = path
      @user = user
      @names = {}
      @passed = []
    end

    # @return [Array<Integer>] the wds that it depends on
    def wds = @names.keys

    # Whether it leads through a path.
    def passes?(path) = @passed.include?(path)

    # Whether it may lead elsewhere after this event.
    def concerned?(event)
      names = @names[event.wd] or return false
      return event.mask.anybits?(SELF | Flags::IN_IGNORED | Flags::IN_UNMOUNT) unless event.name

      event.mask.anybits?(NAMES) && names.include?(event.name.b)
    end

    # Watches before it looks, at each step.
    #
    # @param posts [Posts]
    # @return [Target, nil] nil: a directory on the way is missing
    def follow(posts)
      ATTEMPTS.times do
        @names = {}
        @passed = []
        return catch(:nowhere) { walk(posts) }
      rescue Posts::Vanished
        # It was there a moment ago.
      end
      nil
    end

    private

    def walk(posts)
      @rest = parts(@path)
      @links = 0
      @dir = "/".b
      loop do
        target = step(posts, @rest.shift || ".")
        return target if target
      end
    end

    # @return [Target, nil] nil: it goes on
    def step(posts, name)
      return up if name == ".."

      last = @rest.empty?
      @passed << Way.join(@dir, name)
      type = look(posts, @dir, name, last)
      return enter_link(name) if type == "link"
      return Target.new(@dir, name, type) if last

      throw :nowhere unless type == "directory"
      @dir = Way.join(@dir, name)
      nil
    end

    def up
      @dir = File.dirname(@dir)
      nil
    end

    def enter_link(name)
      throw :nowhere if (@links += 1) > LINKS
      target = File.readlink(Way.join(@dir, name)).b
      @dir = "/".b if target.start_with?("/")
      @rest.unshift(*parts(target))
      nil
    rescue Errno::ENOENT, Errno::EINVAL
      raise Posts::Vanished
    end

    # While the way goes on, it is enough to know that each directory stays: none can be removed before those in it.
    def look(posts, dir, name, last)
      anchor(posts, dir, last && name)
      type = type(dir, name)
      return type if last || type == "directory"

      anchor(posts, dir, name)
      type(dir, name)
    end

    def anchor(posts, dir, name)
      wd = posts.anchor(dir, name ? SELF | NAMES : SELF, @user) or return
      names = (@names[wd] ||= [])
      names << name if name
    end

    def type(dir, name)
      File.ftype(Way.join(dir, name))
    rescue SystemCallError
      nil
    end

    def parts(path) = path.split("/").reject { |name| name.empty? || name == "." }
  end
  private_constant :Way
end
