# frozen_string_literal: true

require_relative "inotify_rs/version"
require_relative "inotify_rs/internal/native"
require_relative "inotify_rs/internal/deadline"
require_relative "inotify_rs/internal/arity"
require_relative "inotify_rs/internal/system_path"
require_relative "inotify_rs/internal/descriptors"
require_relative "inotify_rs/internal/instance_io"
require_relative "inotify_rs/flags"
require_relative "inotify_rs/errors"
require_relative "inotify_rs/event"
require_relative "inotify_rs/watch"
require_relative "inotify_rs/calls"
require_relative "inotify_rs/instance"
require_relative "inotify_rs/internal/ractor_loading" if RUBY_VERSION < "3.4"

# The file of a class that is loaded when it is first named requires everything that the class uses: an object needs no
# file afterwards. Instances are loaded at once: they cost little compared with the calls.
module Inotify
  autoload :Change, File.join(__dir__, "inotify_rs/change")
  autoload :Limit, File.join(__dir__, "inotify_rs/limit")
  autoload :Watcher, File.join(__dir__, "inotify_rs/watcher")

  module Internal
    autoload :LimitUsage, File.join(__dir__, "inotify_rs/limit")
  end

  # Loads {Watcher}, {Change} and {Limit}, which Ruby otherwise loads when they are first named. For programs that name
  # one for the first time where Ruby cannot load it: in a signal handler, in another root directory, or as a user who
  # may not read this gem.
  #
  #   config.eager_load_namespaces << Inotify # in a Rails application; the Railtie does it
  #
  # @return [nil]
  def self.eager_load!
    constants(false).each { |name| const_get(name) if autoload?(name) }
    nil
  end
end
