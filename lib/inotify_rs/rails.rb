# frozen_string_literal: true

# Inotify::FileUpdateChecker, which needs nothing of Rails itself. Where Rails is loaded already, as in a Gemfile's
# `gem "inotify_rs", require: "inotify_rs/rails"`, a Railtie makes it the file watcher in development and test.
require_relative "../inotify_rs"
require_relative "rails/extensions"
require_relative "rails/gem_paths"
require_relative "rails/way"
require_relative "rails/watched_file"
require_relative "rails/owners"
require_relative "rails/places"
require_relative "rails/walk"
require_relative "rails/watched_tree"
require_relative "rails/watched_link"
require_relative "rails/subject"
require_relative "rails/refusals"
require_relative "rails/posts"
require_relative "rails/remounts"
require_relative "rails/lookout"
require_relative "rails/file_update_checker"
require_relative "rails/railtie" if defined?(Rails::Railtie)
