# frozen_string_literal: true

module Inotify
  # The version of this gem.
  VERSION = "0.2.0"
end
