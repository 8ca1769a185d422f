# frozen_string_literal: true

# The promise as a stranger would test it: a process that does at random what programs do to trees, and a consumer that
# knows the tree from the changes alone. At the end both must agree, on the paths and on every file's content.
#
# INOTIFY_RS_PROMISE_TRIALS sets how many workloads are tried of each kind and with each consumer; what fails is printed
# as the arguments of spec/support/promise/trial.rb that try it again.
RSpec.describe Inotify::Watcher, "and its promise that nothing is lost", :slow do
  trials = Integer(ENV.fetch("INOTIFY_RS_PROMISE_TRIALS", "1"), 10)
  seed = RSpec.configuration.seed * 1_000
  # All of them, where there is time.
  ways = trials > 1 ? [] : %i[now_and_then]

  # The output of the trials: nothing, if the promise was kept.
  def disagreements(*arguments, under: [])
    program = File.join(Program::ROOT, "spec/support/promise/trial.rb")
    command = [*under, *Program.ruby("-I", Children::LIB, program, *arguments.map(&:to_s))]
    output, status = Open3.capture2e(*command)
    status.success? ? output : "#{output}#{status}"
  end

  def one_core = system("taskset -c 0 true", err: File::NULL) ? %w[taskset -c 0] : skip("no taskset here")

  {
    mixed: "everything that programs do", renames: "renames over, into and out of each other",
    nests: "directories renamed into others that are renamed",
    bursts: "directories filled and removed faster than they can be watched", saves: "atomic saves",
    roots: "a root that is removed, replaced and moved", git: "checkouts of git"
  }.each do |kind, name|
    next if kind == :git && !system("git", "--version", out: File::NULL, err: File::NULL)

    it "is kept through #{name}" do
      expect(disagreements(kind, seed, trials, :none)).to be_empty
    end

    it "is kept on one core through #{name}" do
      expect(disagreements(kind, seed, trials, :none, *ways, under: one_core)).to be_empty
    end

    it "is kept in overflows through #{name}", :queue_limit do
      expect(disagreements(kind, seed, trials, 4, *ways)).to be_empty
    end

    it "is kept at the limit of watches through #{name}", :user_namespace do
      expect(disagreements(kind, seed, trials, :limited, *ways, under: %w[unshare -Ur])).to be_empty
    end

    it "is kept on a file system that others change through #{name}" do
      needs_shares
      namespace = %w[unshare -Urm --propagation private]
      expect(disagreements(kind, seed, trials, :shared, *ways, under: namespace)).to be_empty
    end
  end
end
