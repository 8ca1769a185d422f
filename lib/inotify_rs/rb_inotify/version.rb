# frozen_string_literal: true

module INotify
  # The version of rb-inotify whose programming interface this is.
  VERSION = "0.11.1"
end
