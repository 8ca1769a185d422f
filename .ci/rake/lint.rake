# frozen_string_literal: true

desc "Check all that can be checked without running it"
task lint: %w[cargo:fmt cargo:clippy cargo:doc cargo:fuzz_lock rubocop yard rbs]

namespace :cargo do
  desc "Check the layout of the Rust code"
  task :fmt do
    sh "cargo", "fmt", "--all", "--check"
  end

  # With the release profile it shares the build scripts and their output with `compile`.
  desc "Check the Rust code, warnings denied"
  task :clippy do
    system("cargo", "clippy", "--version", out: File::NULL, err: File::NULL) ||
      abort("clippy is missing: run `bash .ci/setup tests`, or `rustup component add clippy`")

    sh "cargo", "clippy", "--locked", "--quiet", "--release", "--workspace", "--all-targets", "--", "--deny", "warnings"
  end

  desc "Check the Rust documentation, warnings denied"
  task :doc do
    sh({ "RUSTDOCFLAGS" => "--deny warnings" }, "cargo", "doc", "--locked", "--quiet", "--release", "--workspace",
       "--no-deps", "--document-private-items")
  end

  # They are a workspace of their own, which nothing else builds.
  desc "Check that the fuzz targets have the dependencies of the core"
  task :fuzz_lock do
    sh "cargo", "tree", "--locked", "--quiet", "--manifest-path", "ext/inotify_core/fuzz/Cargo.toml", out: File::NULL
  end
end

desc "Check the Ruby code"
task :rubocop do
  # By itself it reads no folder whose name begins with a dot.
  sh RbConfig.ruby, "-S", "rubocop", ".", ".ci"
end

desc "Write the Ruby documentation; fail on a warning and on what is not documented"
task :yard do
  sh RbConfig.ruby, "-S", "yard", "doc", "--quiet", "--no-stats", "--fail-on-warning"
  stats = IO.popen([RbConfig.ruby, "-S", "yard", "stats", "--no-save", "--list-undoc"], &:read)
  abort stats unless stats.include?("100.00% documented")
end

desc "Check the type signatures"
task :rbs do
  # A bundled gem, which need not have a command of its own.
  sh RbConfig.ruby, "-e", 'load Gem.bin_path("rbs", "rbs")', "--", "-I", "sig", "validate", "--silent"
end
