# frozen_string_literal: true

require_relative "lib/inotify_rs/version"

Gem::Specification.new do |spec|
  spec.name = "inotify_rs"
  spec.version = Inotify::VERSION
  spec.authors = ["The inotify_rs authors"]
  spec.summary = "Linux file system events: inotify(7), written in Rust"
  spec.description = <<~TEXT
    The calls of inotify(7) for Ruby: immutable events, waits that signals, threads and Fiber schedulers can end, errors
    that say what to do. No event is lost when a block is left early. A Rust extension without dependencies.
  TEXT
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.metadata["rubygems_mfa_required"] = "true"

  # The address of the repository, from which all links derive; none are given where it is not known.
  repository = ENV.fetch("INOTIFY_RS_REPOSITORY", "").chomp("/")
  unless repository.empty?
    release = "#{repository}/blob/v#{spec.version}"
    spec.homepage = repository
    spec.metadata.merge!(
      "source_code_uri" => "#{repository}/tree/v#{spec.version}",
      "changelog_uri" => "#{release}/CHANGELOG.md",
      "documentation_uri" => "#{release}/README.md",
      "bug_tracker_uri" => "#{repository}/issues"
    )
  end

  # cargo needs the lock file and every member of the workspace, but none of their tests.
  spec.files = Dir.chdir(__dir__) do
    Dir["{Cargo.{toml,lock},CHANGELOG.md,CONTRIBUTING.md,LICENSE.txt,README.md}", "docs/*.{md,svg}",
        "bench/*.{md,svg}", "examples/*.rb", "{lib,sig}/**/*.{rb,rbs}",
        "exe/*", "man/*", "ext/*/{Cargo.toml,build.rs,extconf.rb}", "ext/*/src/**/*.rs"]
  end
  spec.bindir = "exe"
  spec.executables = ["inotify_rs"]
  spec.extensions = ["ext/inotify_rs/extconf.rb"]
end
