# frozen_string_literal: true

# Matchers for RSpec 3.12 and later, for tests of code that touches files.
require "rspec/expectations"
require_relative "../inotify_rs"
require_relative "rspec/recording"
require_relative "rspec/trigger_inotify"
require_relative "rspec/matchers"

RSpec.configure { |config| config.include Inotify::RSpec::Matchers } if RSpec.respond_to?(:configure)
