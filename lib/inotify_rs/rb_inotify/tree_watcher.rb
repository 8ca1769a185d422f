# frozen_string_literal: true

module INotify
  # A watcher of a directory in a tree: its events may lead to others.
  # @api private
  module InTree
  end
  private_constant :InTree

  # What `:recursive` makes: the watcher of a directory and all below.
  # @api private
  class TreeWatcher < Watcher
    include InTree

    # What is needed to follow a tree, beside what was asked for. rb-inotify tells the first two as flags.
    TOLD = %i[create moved_to].freeze
    FOLLOWED = TOLD + %i[moved_from delete]
    # About the first watch alone.
    ONCE = Inotify::Flags.to_mask(:mask_create, :dont_follow)
    EVERYTHING = 0xffff_ffff
    # What watching a tree causes itself, by looking: watched for when that is done.
    NOISE = Inotify::Flags.to_mask(:access, :open, :close_nowrite)
    private_constant :TOLD, :FOLLOWED, :ONCE, :EVERYTHING, :NOISE

    def initialize(notifier, path, *flags, &callback)
      flags -= [Flags::RECURSIVE]
      asked = Flags.to_mask(flags)
      all = asked & Inotify::Flags::IN_ALL_EVENTS == Inotify::Flags::IN_ALL_EVENTS
      @wanted = all ? EVERYTHING : asked
      @mask = asked | Flags.to_mask(FOLLOWED + %i[onlydir])
      @follows_links = !asked.anybits?(Inotify::Flags::IN_DONT_FOLLOW)
      super(notifier, path, *(flags | TOLD), &callback)
    end

    # The bits of what is told.
    attr_reader :wanted

    # Whether an event of the tree is to be told.
    def wants?(mask) = mask.anybits?(@wanted)

    private

    # Another directory is mounted in its place.
    def move(id)
      @id = id
    end

    def renew
      @id = notifier.__send__(:add_tree, self, @mask & ~NOISE, [path, @mask & ~ONCE, @wanted, @follows_links])
    end
  end
  private_constant :TreeWatcher

  # A directory in a tree.
  # @api private
  class BranchWatcher < Watcher
    include InTree

    def initialize(root, id, path) # rubocop:disable Lint/MissingSuper
      @root = root
      @notifier = root.notifier
      @id = id
      @path = path
      @flags = root.flags
      @closed = false
    end

    def callback!(event)
      @root.callback!(event) unless @closed
    end

    def wants?(mask) = @root.wants?(mask)
  end
  private_constant :BranchWatcher
end
