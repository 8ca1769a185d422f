# frozen_string_literal: true

module Inotify
  # Which directories a tree has under watch: `"/srv/app/models"` as wd 7.
  # @api private
  class Places
    MASK = Flags.to_mask(:create, :delete, :moved_from, :moved_to, :modify, :close_write, :attrib, :onlydir)
    private_constant :MASK

    # @return [Posts] of the instance that watches
    attr_reader :posts

    # @param tree [WatchedTree]
    # @param owners [Owners]
    def initialize(tree, owners)
      @tree = tree
      @owners = owners
      @wds = {}
      @paths = {}
      @files = {}
    end

    # @return [Array<Integer>]
    def wds = @paths.keys | @files.values

    # @return [String, nil] the path of a directory
    def path(wd) = @paths[wd]

    def include?(dir) = @wds.key?(dir)

    # Watches a file, if that is mounted.
    def note_file(path)
      wd = @posts.watch_mounted(path, @tree)
      @files[path] = wd if wd
    end

    # Whether a wd is that of a mounted file.
    def file?(wd) = @files.value?(wd)

    # Forgets all, to enter it again.
    #
    # @return [Hash{String => Integer, nil}] what was there, by path; no wd: another instance watched it
    def start_over(posts)
      known = posts.equal?(@posts) ? @wds : @wds.transform_values { nil }
      @files_before = (@files if posts.equal?(@posts))
      @owners.start_over(@tree)
      @owners.leave(wds, @tree, posts)
      @posts = posts
      @wds = {}
      @paths = {}
      @files = {}
      known
    end

    # Whether all of that is there again, and the same files are mounted.
    def all?(known)
      [nil, @files].include?(@files_before) &&
        known.all? { |dir, wd| include?(dir) && [nil, @wds[dir]].include?(wd) }
    end

    # Watches a directory, unless it is known by this path, or another tree has it.
    #
    # @return [Integer, nil] the wd of one that is to be listed
    def enter(dir)
      wd = @posts.watch(dir, MASK, @tree) or return
      unless @owners.enter?(wd, @tree)
        @posts.leave([wd], @tree) unless @tree.wds.include?(wd)
        return
      end
      return keep(wd, dir) unless @paths.key?(wd)

      # A mount can put a directory into itself. Else it moved, and the event of that is still to come.
      enter(dir) if !inside?(dir, @paths[wd]) && forget(@paths[wd])
    end

    # A directory is not there any more, and nothing that was below it.
    #
    # @return [Boolean] whether it was known
    def forget(path)
      dirs = @wds.keys.select { |dir| inside?(dir, path) }
      gone = dirs.map { |dir| @wds.delete(dir) }
      gone.each { |wd| @paths.delete(wd) }
      files = @files.keys.select { |file| inside?(file, path) }.map { |file| @files.delete(file) }
      @posts.leave((gone + files) - @tree.wds, @tree)
      @owners.leave(gone, @tree, @posts)
      !dirs.empty?
    end

    # Nothing is to be watched any more.
    def release(posts) = @owners.leave(wds, @tree, posts)

    def inside?(path, dir) = path == dir || path.start_with?("#{dir}/")

    private

    def keep(wd, dir)
      @paths[wd] = dir
      @wds[dir] = wd
    end
  end
  private_constant :Places
end
