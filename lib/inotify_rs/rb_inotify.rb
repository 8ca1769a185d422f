# frozen_string_literal: true

require_relative "../inotify_rs"

if defined?(INotify::Native)
  raise LoadError, "rb-inotify is loaded already, and both cannot be: require \"inotify_rs/rb_inotify\" before it"
end

require_relative "rb_inotify/version"
require_relative "rb_inotify/errors"
require_relative "rb_inotify/flags"
require_relative "rb_inotify/event"
require_relative "rb_inotify/watcher"
require_relative "rb_inotify/tree_watcher"
require_relative "rb_inotify/directory_watcher"
require_relative "rb_inotify/notifier"

# The programming interface of the gem rb-inotify on the engine of inotify_rs. After this file is loaded,
# `require "rb-inotify"` finds it, so that what needs rb-inotify runs on it unchanged.
module INotify
  stub = File.join(__dir__, "rb_inotify", "stub")
  $LOAD_PATH.unshift(stub) unless $LOAD_PATH.include?(stub)
  # The load path may be put together anew, as by Bundler; what is loaded stays so.
  feature = File.join(stub, "rb-inotify.rb")
  $LOADED_FEATURES << feature unless $LOADED_FEATURES.include?(feature)
end
