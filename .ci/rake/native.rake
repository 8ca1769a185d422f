# frozen_string_literal: true

require "shellwords"
require_relative "../native_gem"

namespace :native do
  desc "Build this Ruby's library for a precompiled gem; GLIBC=2.17 (needs cargo-zigbuild): for that glibc and later"
  task :library do
    glibc = ENV.fetch("GLIBC", "")
    abort "GLIBC=#{glibc} is for glibc, and this Ruby uses musl" if glibc != "" && NativeGem::LIBC == "musl"

    NativeGem.new.stage(glibc: (glibc unless glibc.empty?)) do |dir|
      make_extension(*older_glibc(glibc), "DESTINATION=#{dir.shellescape.gsub("$", "$$")}")
    end
  end

  desc "Make a precompiled gem in pkg/ of the libraries that are built, for each platform"
  task :pack do
    NativeGem.staged.each { |native| puts native.pack }
  end

  # cargo-zigbuild links with an older glibc's symbols.
  def older_glibc(version)
    return [] if version.empty?

    ["CARGO_BUILD=zigbuild --target #{NativeGem::TARGET}.#{version}", "CARGO_BUILD_TARGET=#{NativeGem::TARGET}"]
  end
end

desc "Build the precompiled gem for this platform, this Ruby, and others whose libraries are built, into pkg/"
task native: %w[native:library native:pack]
