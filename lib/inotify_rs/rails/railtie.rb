# frozen_string_literal: true

module Inotify
  # What Rails alone needs.
  # @api private
  module Rails
    # Makes {Inotify::FileUpdateChecker} the `config.file_watcher` of a Rails application in development and test, and
    # in no other environment. A setting of the application wins, wherever it is: the Railtie sets its own when the
    # application class is defined, before config/application.rb, the environment files and the initializers set theirs.
    # When the gem is required later than that, the Railtie replaces only Rails' default.
    #
    # @api private
    class Railtie < ::Rails::Railtie
      # The environments in which files are watched, which are those of `Rails.env.local?`.
      ENVIRONMENTS = %w[development test].freeze

      # In production, workers share what is loaded before they fork.
      config.eager_load_namespaces << Inotify

      config.before_configuration do |app|
        default = app.config.file_watcher.equal?(ActiveSupport::FileUpdateChecker)
        app.config.file_watcher = FileUpdateChecker if default && ENVIRONMENTS.include?(::Rails.env.to_s)
      end
    end
  end
end
