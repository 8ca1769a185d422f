# frozen_string_literal: true

require_relative "inotify_rs/version"
require_relative "inotify_rs/native"
require_relative "inotify_rs/flags"
require_relative "inotify_rs/errors"
require_relative "inotify_rs/event"
require_relative "inotify_rs/deadline"
require_relative "inotify_rs/queue"
require_relative "inotify_rs/descriptors"
require_relative "inotify_rs/calls"
