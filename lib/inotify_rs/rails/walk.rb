# frozen_string_literal: true

module Inotify
  # One look through a directory with all below it, each watched before it is listed.
  # @api private
  class Walk
    NEVER = { Object => :never }.freeze
    private_constant :NEVER

    # @return [Array<Array(String, Moment)>] the symbolic links that were found, and since when what they lead to has
    #   changed; nil: it has not
    attr_reader :links

    # @param tree [WatchedTree]
    # @param places [Places]
    # @param known [Hash{String => Integer, nil}] directories that are not new
    # @param since [Internal::Moment, nil] what is in those has changed if its ctime is from here on; nil: it has not
    # @param others [Internal::Moment, nil] the same for other directories
    def initialize(tree, places, known, since, others)
      @tree = tree
      @places = places
      @known = known
      @since = since
      @others = others
      @links = []
    end

    def through(dir)
      @dirs = [dir]
      visit(@dirs.pop) until @dirs.empty?
    end

    private

    def visit(dir)
      wd = @places.enter(dir) or return
      list(dir, from(dir, wd))
    rescue Errno::ENOENT, Errno::ENOTDIR
      # Its parent tells.
    rescue SystemCallError => e
      @places.posts.refused(dir, e, @tree)
    end

    def from(dir, wd)
      return @others unless @known.key?(dir) && [nil, wd].include?(@known[dir])

      @tree.change if changed?(File.stat(dir), @since)
      @since
    end

    # Ruby leaves a directory open when a thread is killed as it opens one.
    def list(dir, from)
      denied = nil
      Thread.handle_interrupt(NEVER) do
        Dir.each_child(dir) do |name|
          note(dir, name.b, from) unless name.start_with?(".")
        rescue Errno::ENOENT, Errno::ENOTDIR
          # It is gone, which an event tells.
        rescue SystemCallError => e
          denied ||= e
        end
      end
      give_up(denied, from) if denied
    end

    # What is in a directory can't be examined, and so may have changed.
    def give_up(error, from)
      @tree.change if from
      raise error
    end

    def note(dir, name, from)
      path = Way.join(dir, name)
      stat = File.lstat(path)
      if stat.directory? then @dirs << path unless @tree.leaves_out?(path)
      elsif stat.symlink? then @links << [path, from]
      elsif @tree.count?(name)
        @places.note_file(path)
        @tree.change if changed?(stat, from)
      end
    end

    def changed?(stat, since) = since&.before?(stat.ctime.to_i, stat.ctime.nsec)
  end
  private_constant :Walk
end
