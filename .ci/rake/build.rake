# frozen_string_literal: true

desc "Build the extension into lib/"
task :compile do
  mkdir_p BUILD, verbose: false
  sh RbConfig.ruby, File.expand_path("ext/inotify_rs/extconf.rb"), chdir: BUILD, verbose: false
  sh "make", "--silent", "install", "DESTDIR=", "sitearchdir=#{File.expand_path("lib")}", chdir: BUILD, verbose: false
end

# Builds pkg/NAME-VERSION[-PLATFORM].gem.
def package(spec)
  require "rubygems/package"
  mkdir_p "pkg", verbose: false
  Gem::Package.build(spec, false, false, File.join("pkg", spec.file_name))
end

desc "Build the source gem into pkg/"
task :build do
  package(Gem::Specification.load("inotify_rs.gemspec"))
end

desc "Build the precompiled gem for this platform and Ruby into pkg/"
task native: :compile do
  spec = Gem::Specification.load("inotify_rs.gemspec")
  spec.platform = Gem::Platform.local
  spec.extensions = []
  spec.files = spec.files.grep_v(%r{\A(ext/|Cargo\.)}) << "lib/inotify_rs/inotify_rs.so"
  # The library binds to one ABI of Ruby.
  major, minor = RUBY_VERSION.split(".").map(&:to_i)
  spec.required_ruby_version = [">= #{major}.#{minor}", "< #{major}.#{minor + 1}.dev"]
  package(spec)
end

desc "Remove all that was built"
task :clean do
  rm_rf %w[doc pkg target tmp .yardoc] + Dir["lib/inotify_rs/*.so"]
end
