# frozen_string_literal: true

module Inotify
  # What one {FileUpdateChecker} is to watch, and whether it changed. Kept when the checker is not.
  # @api private
  class Subject
    # Nanoseconds that a time stamp without any may stand for: on vfat two seconds.
    COARSEST = 2_000_000_000
    private_constant :COARSEST

    # @param files [Array<String, #to_path>]
    # @param dirs [Hash, Array] see {FileUpdateChecker#initialize}
    def initialize(files, dirs)
      gems = GemPaths.new
      files = outside(gems, paths(files))
      dirs = extensions_by_path(dirs)
      outer = outside(gems, dirs.keys).reject { |path| gems.include?(path) }
      @inspection = "#{files.size} files, #{outer.size} directories"
      @watched = files.map { |path| WatchedFile.new(self, path) }
      @watched.concat(outer.map { |path| WatchedTree.new(self, path, dirs[path], gems) })
      settle
    end

    # Takes note of a change.
    def change = @changed = true

    # From now on there is none.
    def settle
      # The clock that files are stamped by: what is changed later has no earlier stamp.
      @settled = Process.clock_gettime(Process::CLOCK_REALTIME_COARSE, :nanosecond)
      @changed = false
    end

    def changed? = @changed

    # Takes note of a change, unless that is the close of a file whose times say that nobody wrote to it since the last
    # {settle}.
    def change_unless_idle(path, event)
      change unless changed? || (event.close_write? && before_settled?(path))
    end

    # @return [Array<WatchedFile, WatchedTree>]
    attr_reader :watched

    # @return [String]
    def inspect = @inspection

    private

    # One that vanished since is told by an event.
    #
    # @param path [String, nil] nil: there was none when it was looked for
    def before_settled?(path)
      return false unless path

      ctime = File.stat(path).ctime
      (ctime.to_i * 1_000_000_000) + (ctime.nsec.zero? ? COARSEST : ctime.nsec) < @settled
    rescue SystemCallError
      false
    end

    def paths(files)
      raise TypeError, "files must be an Array of paths, not #{files.inspect}" unless
        files.respond_to?(:to_a) && !files.is_a?(Hash)

      files.to_a.map { |path| absolute(path) }.uniq
    end

    def extensions_by_path(dirs)
      unless dirs.is_a?(Hash) || dirs.is_a?(Array)
        raise TypeError, "dirs must be a Hash such as {\"app\" => [\"rb\"]}, or an Array of directories, " \
                         "not #{dirs.inspect}"
      end

      dirs.each_with_object({}) do |(dir, extensions), known|
        path = absolute(dir)
        extensions = Extensions.new(extensions)
        known[path] = known[path] ? known[path] | extensions : extensions
      end
    end

    def absolute(path)
      path = Internal::SystemPath.of(path)
      raise ArgumentError, "a path is empty" if path.empty?

      # Bytes, as the names that the kernel tells. "~" is a name like any other, and ".." leads up from where a symbolic
      # link leads.
      path = path.b
      path = Way.join(Dir.pwd.b, path) unless path.start_with?("/")
      "/#{Way.names(path).join("/")}"
    end

    def outside(gems, paths) = paths.reject { |path| gems.contain?(path) }
  end
  private_constant :Subject
end
