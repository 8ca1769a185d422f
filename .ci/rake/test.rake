# frozen_string_literal: true

# What the specs read and what they start prints is UTF-8, also where no locale is set.
def rspec(*arguments, **environment)
  environment = { LC_ALL: "C.UTF-8", **environment }
  sh environment.transform_keys(&:to_s), RbConfig.ruby, "-S", "rspec", *arguments
end

# The specs of each part of `parts`, in a process of its own: the more of them there are in one, the longer each of the
# many collections takes that specs ask for.
def rspec_by_part(parts, **environment)
  parts.each { |part| rspec(*part, **environment) }
end

PARTS = FileList["spec/*/"].exclude("spec/{package,support}/").select { |dir| FileList["#{dir}**/*_spec.rb"].any? }

desc "Run the specs, but for those of the packages"
task spec: :compile do
  rspec_by_part [*PARTS, FileList["spec/*_spec.rb"]]
end

namespace :spec do
  desc "Run the specs while the garbage collector is kept busy"
  task gc: :compile do
    # Where the C API is used by hand. The specs of delivery do the like in processes of their own.
    rspec_by_part %w[spec/inotify spec/instance], INOTIFY_RS_GC_STRESS: "1"
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
