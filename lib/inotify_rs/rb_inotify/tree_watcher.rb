# frozen_string_literal: true

module INotify
  # What `:recursive` makes: the watcher of a directory and all below.
  # @api private
  class TreeWatcher < Watcher
    # What is needed to follow a tree. rb-inotify reports the first two as flags.
    REPORTED = %i[create moved_to].freeze
    FOLLOWED = REPORTED + %i[moved_from delete]
    # About the first watch only.
    ONCE = Inotify::Flags.to_mask(:mask_create, :dont_follow)
    EVERYTHING = 0xffff_ffff
    # What scanning causes itself: watched for when that is done.
    NOISE = Inotify::Flags.to_mask(:access, :open, :close_nowrite)
    private_constant :REPORTED, :FOLLOWED, :ONCE, :EVERYTHING, :NOISE

    def initialize(notifier, path, *flags, &callback)
      flags -= [Flags::RECURSIVE]
      requested = Flags.to_mask(flags)
      all = requested & Inotify::Flags::IN_ALL_EVENTS == Inotify::Flags::IN_ALL_EVENTS
      mask = requested | Flags.to_mask(FOLLOWED + %i[onlydir])
      @masks = [mask & ~NOISE, mask & ~ONCE, all ? EVERYTHING : requested].freeze
      @follows_symlinks = !requested.anybits?(Inotify::Flags::IN_DONT_FOLLOW)
      super(notifier, path, *(flags | REPORTED), &callback)
    end

    private

    def renew
      @id = notifier.__send__(:add_tree, self, @masks, @follows_symlinks)
    end
  end
  private_constant :TreeWatcher
end
