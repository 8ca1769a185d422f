# frozen_string_literal: true

module Inotify
  module CLI
    # What version control and editors write for themselves, and COMMAND does not run for.
    # @api private
    module OwnNoise
      # Patterns of directories, which get no watch.
      DIRECTORIES = %w[.git/ .hg/ .svn/ .jj/ .bzr/ CVS/ _darcs/ .fossil-settings/ .pijul/].freeze
      # Names of swap, lock, backup and temporary files: of vim, nano, Emacs, Kate, JetBrains, GLib and others.
      FILES = /\A(?:\..*\.sw[a-px]|4913|.*~|\.\#.*|\#.*\#|.*\.kate-swp|.*___jb_(?:tmp|old)___|
               \.goutputstream-.*|\.~lock\..*\#|\.subl.*\.tmp|\.DS_Store)\z/nx
      private_constant :FILES

      module_function

      # @param record [Records::Change]
      def noise?(record) = [record.from, record.path].compact.all? { |path| File.basename(path).b.match?(FILES) }
    end
  end
end
