# frozen_string_literal: true

# Has extconf.rb and make build the extension and install it where make's variables say.
def make_extension(*variables)
  mkdir_p BUILD, verbose: false
  sh RbConfig.ruby, File.expand_path("ext/inotify_rs/extconf.rb"), chdir: BUILD, verbose: false
  sh "make", "--silent", "install", *variables, chdir: BUILD, verbose: false
end

desc "Build the extension into lib/"
task :compile do
  make_extension "DESTDIR=", "sitearchdir=#{File.expand_path("lib")}"
end

desc "Build the source gem into pkg/"
task :build do
  require "rubygems/package"
  mkdir_p "pkg", verbose: false
  spec = Gem::Specification.load("inotify_rs.gemspec")
  Gem::Package.build(spec, false, false, File.join("pkg", spec.file_name))
end

desc "Remove all that was built"
task :clean do
  rm_rf %w[doc pkg target tmp .yardoc] + Dir["lib/inotify_rs/*.so"]
end
