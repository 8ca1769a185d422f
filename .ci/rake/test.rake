# frozen_string_literal: true

def rspec(*arguments, **environment)
  sh environment.transform_keys(&:to_s), RbConfig.ruby, "-S", "rspec", *arguments
end

desc "Run the specs, but for those of the packages"
task spec: :compile do
  rspec
end

namespace :spec do
  desc "Run the specs while the garbage collector is kept busy"
  task gc: :compile do
    # What runs in processes of its own would not notice, and what is Ruby alone would be slow.
    rspec "--exclude-pattern", "spec/{cli,examples,package,rails,rspec}/**/*_spec.rb,spec/*_spec.rb",
          INOTIFY_RS_GC_STRESS: "1"
  end
end

desc "Build the gems, install them elsewhere and use them"
task package: %i[build native] do
  rspec "--tag", "package", "spec/package"
end

namespace :cargo do
  desc "Test the core, which knows no Ruby"
  task :test do
    sh "cargo", "test", "--locked", "--quiet", "--package", "inotify_core"
  end
end

desc "Feed the parser made-up bytes for FUZZ_SECONDS (60)"
task :fuzz do
  sh "bash", "ext/inotify_core/fuzz/run", ENV.fetch("FUZZ_SECONDS", "60")
end
