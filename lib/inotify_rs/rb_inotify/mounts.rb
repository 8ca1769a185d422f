# frozen_string_literal: true

module INotify
  # What is mounted in the trees of a {Notifier}. No event of a directory tells that; marks in the queue do, which come
  # after all that happened before.
  # @api private
  class Mounts
    # @param queue [Inotify::EventQueue]
    # @param branches [Inotify::Branches]
    # @param directories [Directories]
    def initialize(queue, branches, directories)
      @queue = queue
      @branches = branches
      @directories = directories
      @kept = {}
      @marked = @warned = false
    end

    # From now on there are marks. Without /proc there are none, which is told once.
    def mark
      @queue.mark_mounts
      @marked = true
    rescue SystemCallError => e
      warn("inotify_rs: what is mounted or unmounted in trees is not noticed: #{e.message}") unless @warned
      @warned = true
    end

    # Whether an event without a watcher is a mark.
    def mark?(event) = event.ignored? && @queue.mount_mark?(event.wd)

    # Events were lost, and marks with them perhaps.
    def lose = @queue.lose_mount_marks

    # Looks where something was mounted or unmounted.
    #
    # @return [String] records of what is to be told
    def look
      records, gone, roots = @branches.remounted(@queue.fileno)
      @directories.ended(gone)
      roots.each { |number, id| @kept.delete(@directories.move_root(number, id)) }
      records
    end

    # A directory was moved into a tree, with what is mounted in it.
    def moved_in = @directories.ended(@branches.find_moved_files(@queue.fileno))

    # @return [Array<Event>, nil] what an event of a mounted file is told as, in the directories that it is in; nil: it
    #   is of something else
    def events_of_file(event)
      records = @branches.of_file(event.wd, event.mask)
      return unless records

      @branches.forget(event.wd) if event.ignored?
      @directories.events_of(records)
    end

    # What was unmounted may be the root of a tree. The mark that follows leads to what is there now.
    def unmounted(event, watcher)
      @kept[event.wd] = true if @marked && watcher.is_a?(TreeWatcher)
    end

    # Whether a watch has ended that is a root's still.
    def kept?(wd) = @kept.key?(wd)
  end
  private_constant :Mounts
end
