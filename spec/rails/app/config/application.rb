# frozen_string_literal: true

# A Rails application in development: the parts of one that are reloaded, and nothing else.
require "logger"
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"
require "inotify_rs/rails"
require "active_support/evented_file_update_checker" if ENV["FILE_WATCHER"].to_s.include?("Evented")

module Demo
  class Application < Rails::Application
    config.root = File.expand_path("..", __dir__)
    config.load_defaults 6.1
    # Without one, it is the Railtie that sets it.
    config.file_watcher = Object.const_get(ENV["FILE_WATCHER"]) if ENV["FILE_WATCHER"]
    config.cache_classes = false
    config.eager_load = false
    config.consider_all_requests_local = true
    config.secret_key_base = "demo"
    config.logger = Logger.new($stderr)
    config.log_level = :fatal
    config.hosts.clear
    config.after_initialize do
      ActiveRecord::Schema.verbose = false
      ActiveRecord::Schema.define { create_table(:posts, force: true) { |table| table.string :title } }
    end
  end
end
