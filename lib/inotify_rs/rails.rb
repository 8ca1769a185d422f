# frozen_string_literal: true

# For `config.file_watcher = Inotify::FileUpdateChecker` in a Rails application. Needs nothing of Rails itself.
require_relative "../inotify_rs"
require_relative "rails/extensions"
require_relative "rails/gem_paths"
require_relative "rails/way"
require_relative "rails/watched_file"
require_relative "rails/owners"
require_relative "rails/places"
require_relative "rails/walk"
require_relative "rails/watched_tree"
require_relative "rails/subject"
require_relative "rails/refusals"
require_relative "rails/posts"
require_relative "rails/lookout"
require_relative "rails/file_update_checker"
