# frozen_string_literal: true

require_relative "platform"

unsupported = Inotify.const_get(:Platform).unsupported
raise LoadError, unsupported if unsupported

begin
  require "inotify_rs/inotify_rs"
rescue LoadError => e
  # A library that is there but does not load says why itself.
  raise unless e.path == "inotify_rs/inotify_rs"

  raise LoadError, "the extension of inotify_rs is not built for #{RUBY_ENGINE} #{RUBY_VERSION}: run `rake compile` " \
                   "in a checkout, `gem pristine inotify_rs` for an installed gem"
end
