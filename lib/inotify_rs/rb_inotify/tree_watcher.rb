# frozen_string_literal: true

module INotify
  # What `:recursive` makes: the watcher of a directory and all below.
  # @api private
  class TreeWatcher < Watcher
    # Watched for in any case, and what rb-inotify has among the flags.
    REPORTED = %i[create moved_to].freeze
    private_constant :REPORTED

    def initialize(notifier, path, *flags, &callback)
      flags -= [Flags::RECURSIVE]
      @requested = Flags.to_mask(flags)
      super(notifier, path, *(flags | REPORTED), &callback)
    end

    private

    def renew
      @id = notifier.__send__(:add_tree, self, @requested)
    end
  end
  private_constant :TreeWatcher
end
