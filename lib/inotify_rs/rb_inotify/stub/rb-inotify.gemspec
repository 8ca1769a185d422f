# frozen_string_literal: true

require_relative "../../version"

# A second gem, for a Gemfile: it takes the place of the gem of this name, without ffi.
Gem::Specification.new do |spec|
  spec.name = "rb-inotify"
  # Above each version of rb-inotify that fits `~> 0.9`, as listen has it: where both are installed, it is this one.
  spec.version = "0.99.#{Inotify::VERSION}"
  spec.authors = ["The inotify_rs authors"]
  spec.summary = "inotify_rs in the place of rb-inotify"
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.metadata["rubygems_mfa_required"] = "true"
  spec.files = ["rb-inotify.rb"]
  spec.require_paths = ["."]
  # It does not depend on inotify_rs, which installs on Linux only: other systems have this gem in their bundle, too.
end
