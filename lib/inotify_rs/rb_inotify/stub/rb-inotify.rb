# frozen_string_literal: true

# What `require "rb-inotify"` finds where this directory is on the load path. It is not, unless asked for.
begin
  require "inotify_rs/rb_inotify" unless defined?(INotify::Notifier)
rescue LoadError => e
  raise unless e.path == "inotify_rs/rb_inotify"

  raise LoadError, "this rb-inotify runs on inotify_rs, which is missing: add `gem \"inotify_rs\"` to the Gemfile, " \
                   "or run `gem install inotify_rs`"
end
