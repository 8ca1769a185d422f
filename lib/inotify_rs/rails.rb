# frozen_string_literal: true

# Inotify::FileUpdateChecker, which needs nothing of Rails itself. Where Rails is loaded already, as in a Gemfile's
# `gem "inotify_rs", require: "inotify_rs/rails"`, a Railtie makes it the file watcher in development and test.
require_relative "../inotify_rs"
require_relative "rails/given_paths"
require_relative "rails/warnings"
require_relative "rails/file_update_checker"
require_relative "rails/railtie" if defined?(Rails::Railtie)

module Inotify
  private_constant :Rails
end
