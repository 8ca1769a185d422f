# frozen_string_literal: true

# Installs this platform's precompiled gem of pkg/ and uses it. The release workflow calls it where there is no cargo.
require "fileutils"
require "rbconfig"
require "tmpdir"
require_relative "native_gem"

home = Dir.mktmpdir
at_exit { FileUtils.remove_entry(home) }
ENV.update("GEM_HOME" => home, "GEM_PATH" => home)
gem = Dir[File.join(NativeGem::ROOT, "pkg/*-#{NativeGem::PLATFORM}.gem")]
abort "pkg/ has not one gem for #{NativeGem::PLATFORM}, but #{gem.size}" unless gem.one?
system(RbConfig.ruby, "-S", "gem", "install", "--local", "--no-document", *gem, exception: true)

system(RbConfig.ruby, File.join(__dir__, "use_gem.rb"), exception: true, chdir: "/")
