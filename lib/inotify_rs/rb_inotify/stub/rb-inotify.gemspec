# frozen_string_literal: true

require_relative "../version"

# For a Gemfile: in the place of the gem of this name, without ffi.
Gem::Specification.new do |spec|
  spec.name = "rb-inotify"
  spec.version = INotify::VERSION
  spec.authors = ["The inotify_rs authors"]
  spec.summary = "inotify_rs in the place of rb-inotify"
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.metadata["rubygems_mfa_required"] = "true"
  spec.files = ["rb-inotify.rb"]
  spec.require_paths = ["."]
  spec.add_dependency "inotify_rs"
end
