# frozen_string_literal: true

require "English"
require "etc"
require "tempfile"

# What the specs read and what they start prints is UTF-8, also where no locale is set.
RSPEC_ENVIRONMENT = { "LC_ALL" => "C.UTF-8" }.freeze

# Ends specs that hang, after half an hour: a few files take a minute, and ten where a processor is emulated. On SIGQUIT
# they print where they are, see spec/support/hangs.rb.
RSPEC_LIMIT = %w[timeout --foreground --signal QUIT --kill-after 60 1800].freeze

def rspec(*arguments, **environment)
  sh RSPEC_ENVIRONMENT.merge(environment), *rspec_command(*arguments)
end

def rspec_command(*arguments) = [*RSPEC_LIMIT, RbConfig.ruby, "-S", "rspec", *arguments]

# Runs specs in several processes at a time, because most of them wait most of the time, and a few files in each,
# because the garbage collector, which many of them call, takes longer in a large process. Prints what a process wrote
# when it ends.
def rspec_side_by_side(files, **environment)
  pending = files.sort.each_slice(6).to_a
  # More would reach the limit of 128 inotify instances of a user.
  count = Etc.nprocessors.clamp(2, 4)
  workers = Array.new(count) { Thread.new { rspec_until_empty(pending, environment) } }
  failed = workers.flat_map(&:value)
  abort "these specs failed: #{failed.join(" ")}" if failed.any?
end

# Returns the files whose process failed.
def rspec_until_empty(pending, environment)
  failed = []
  while (files = pending.shift)
    output, status = rspec_output(files, environment)
    puts "rspec #{files.join(" ")}", output
    failed.concat(files) unless status.success?
  end
  failed
end

# Returns what the specs of these files printed, and their status. It goes to a file, because a process that a spec left
# running would keep a pipe open.
def rspec_output(files, environment)
  Tempfile.create("rspec") do |output|
    system(RSPEC_ENVIRONMENT.merge(environment), *rspec_command("--tag", "~queue_limit", *files),
           in: File::NULL, %i[out err] => output)
    [File.read(output.path), $CHILD_STATUS]
  end
end

# All of them, or those in the folders and files that INOTIFY_RS_SPECS names.
named = ENV.fetch("INOTIFY_RS_SPECS", "spec").split.map { |path| path.end_with?(".rb") ? path : "#{path}/**/*_spec.rb" }
SPECS = FileList[*named].exclude("spec/{package,site}/**")

# What lowers the kernel's limit of queued events runs with nothing beside it: instances keep the limit of the moment in
# which they are made.
def rspec_alone(files, **environment)
  rspec "--tag", "queue_limit", *files, **environment
end

desc "Run the specs, except for those of the packages; INOTIFY_RS_SPECS=\"spec/cli spec/a_spec.rb\": only these"
task spec: %w[spec:side_by_side spec:queue_limit]

namespace :spec do
  task(side_by_side: :compile) { rspec_side_by_side SPECS }

  task(queue_limit: :compile) { rspec_alone SPECS }

  desc "Run the specs while the garbage collector is kept busy"
  task gc: :compile do
    # Where the C API is used by hand. The specs of delivery do the like in processes of their own.
    files = FileList["spec/{inotify,instance}/*_spec.rb"]
    rspec_side_by_side files, "INOTIFY_RS_GC_STRESS" => "1"
    rspec_alone files, "INOTIFY_RS_GC_STRESS" => "1"
  end
end

# The library of the specs is the one in lib/: the other one takes its place for as long.
INVARIANTS = {
  "CARGO_TARGET_DIR" => "#{ENV.fetch("CARGO_TARGET_DIR")}-invariants",
  "CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS" => "true", "CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS" => "true",
  "CARGO_PROFILE_RELEASE_LTO" => "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL" => "1"
}.freeze

namespace :spec do
  desc "Run the specs of trees while the core checks its invariants"
  task :invariants do
    before = ENV.to_h
    ENV.update(INVARIANTS)
    make_extension_of_lib
    rspec_side_by_side FileList["spec/{watcher,rails,rb_inotify}/**/*_spec.rb"]
  ensure
    ENV.replace(before)
    make_extension_of_lib
  end
end

desc "Build the gems, install them elsewhere and use them"
task package: %i[build native] do
  rspec "--tag", "package", "spec/package"
end

def cargo_test(*arguments)
  sh "cargo", "test", "--locked", "--quiet", "--package", "inotify_core", *arguments
end

namespace :cargo do
  desc "Test the core, which knows no Ruby"
  task :test do
    cargo_test
  end

  desc "Test the core where the kernel's queue overflows, as root"
  task :queue_limit do
    if File.writable?("/proc/sys/fs/inotify/max_queued_events")
      cargo_test "--test", "watcher_model", "overflows", "--", "--ignored"
    else
      puts "skipped: only root may lower the limit of queued events"
    end
  end
end

desc "Feed the parsers of events and checkpoints made-up bytes, each for FUZZ_SECONDS (60)"
task :fuzz do
  %w[events checkpoint].each do |target|
    sh "bash", "ext/inotify_core/fuzz/run", ENV.fetch("FUZZ_SECONDS", "60"), target
  end
end
