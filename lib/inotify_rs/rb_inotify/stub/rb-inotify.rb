# frozen_string_literal: true

# What `require "rb-inotify"` finds where this directory is on the load path. It is not, unless asked for.
require "inotify_rs/rb_inotify" unless defined?(INotify::Notifier)
