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
    PROC = "/proc"
    # The text of a magic link: an absolute path, or as `pipe:[7]`.
    MAGIC = %r{\A/|:\[}n
    private_constant :SELF, :NAMES, :LINKS, :ATTEMPTS, :PROC, :MAGIC

    # Where it leads: a directory's path, the last name in it and the type of what is there; no type: nothing is; and
    # whether that is somewhere else, by a magic link.
    Target = Struct.new(:dir, :name, :type, :elsewhere) do
      def path = Way.join(dir, name)
      def directory? = type == "directory"
    end

    # @return [String] both, byte by byte
    def self.join(dir, name) = dir.end_with?("/") ? "#{dir}#{name}" : "#{dir}/#{name}"

    # @return [Array<String>] the names that a path consists of, ".." among them
    def self.names(path) = path.split("/").reject { |name| name.empty? || name == "." }

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
      @rest = Way.names(@path)
      @links = 0
      go_to("/".b)
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
      return enter_link(name) if type == "link" && !(magic = magic?(name))

      type = type_behind(name) if magic
      return Target.new(@dir, name, type, magic) if last

      throw :nowhere unless type == "directory"
      magic ? go_to(Way.join(@dir, name)) : @dir = Way.join(@dir, name)
      nil
    end

    # Goes to a directory whose parent is not in its path: the top, or where a magic link leads.
    def go_to(dir)
      @top = @dir = dir
      nil
    end

    def up
      return go_to(Way.join(@dir, "..")) if @dir == @top && @top != "/"

      @dir = File.dirname(@dir)
      nil
    end

    # Whether the kernel knows where a link leads, and its text only describes it: `/proc/7/root` is what process 7 has
    # for its top directory, and says "/". See proc_pid_root(5). The links of /proc with a text to follow are relative.
    def magic?(name)
      path = Way.join(@dir, name)
      return false unless File.lstat(path).dev == File.lstat(PROC).dev

      File.readlink(path).match?(MAGIC)
    rescue SystemCallError
      false
    end

    def type_behind(name)
      File.stat(Way.join(@dir, name)).ftype
    rescue SystemCallError
      nil
    end

    def enter_link(name)
      throw :nowhere if (@links += 1) > LINKS
      target = File.readlink(Way.join(@dir, name)).b
      go_to("/".b) if target.start_with?("/")
      @rest.unshift(*Way.names(target))
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
  end
  private_constant :Way
end
