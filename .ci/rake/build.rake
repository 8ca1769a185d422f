# frozen_string_literal: true

# Has extconf.rb and make build the extension and install it where make's variables say.
def make_extension(*variables)
  mkdir_p BUILD, verbose: false
  sh RbConfig.ruby, File.expand_path("ext/inotify_rs/extconf.rb"), chdir: BUILD, verbose: false
  sh "make", "--silent", "install", *variables, chdir: BUILD, verbose: false
end

def make_extension_of_lib = make_extension("DESTDIR=", "sitearchdir=#{File.expand_path("lib")}")

desc "Build the extension into lib/"
task(:compile) { make_extension_of_lib }

desc "Build the source gem, and the second gem that is named rb-inotify, into pkg/"
task :build do
  require "rubygems/package"
  mkdir_p "pkg", verbose: false
  %w[inotify_rs.gemspec lib/inotify_rs/rb_inotify/stub/rb-inotify.gemspec].each do |gemspec|
    spec = Gem::Specification.load(gemspec)
    file = File.expand_path(spec.file_name, "pkg")
    cd(File.dirname(gemspec), verbose: false) { Gem::Package.build(spec, false, false, file) }
  end
end

desc "Remove all that was built"
task :clean do
  rm_rf %w[doc pkg site target tmp .yardoc] + Dir["lib/inotify_rs/*.so"]
end
