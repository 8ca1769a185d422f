# frozen_string_literal: true

require "inotify_rs/rails"

begin
  require "active_support"
  require "active_support/file_update_checker"
rescue LoadError
  # Other specs say what is expected.
end

# Random edits. What Rails' own checker notices must be noticed, and what has no file that counts must not be.
RSpec.describe Inotify::FileUpdateChecker, "beside Rails' own", if: defined?(ActiveSupport::FileUpdateChecker) do
  let(:dirs) { { path("a") => ["rb"], path("b") => %w[rb yml], path("missing") => ["rb"] } }
  let(:files) { [path("one"), path("c/two")] }

  def place(random) = path(%w[a a/x a/x/y b b/x c missing].sample(random: random))

  def file(random) = File.join(place(random), ["m.rb", "n.rb", "n.yml", "n.txt"].sample(random: random))

  def edit(random)
    case random.rand(7)
    when 0..1 then write_to(file(random))
    when 2 then File.delete(file(random))
    when 3 then File.rename(file(random), file(random))
    when 4 then File.rename(place(random), place(random))
    when 5 then FileUtils.rm_rf(place(random))
    else write_to(files.sample(random: random))
    end
  rescue SystemCallError, ArgumentError
    # What it was about is not there, or in the way.
  end

  def write_to(file)
    FileUtils.mkdir_p(File.dirname(file))
    File.write(file, "")
  end

  # Edits that count nowhere.
  def idle_edit(random)
    File.write(path("a/#{random.rand(3)}.txt"), "")
    FileUtils.mkdir_p(path("b/#{random.rand(3)}"))
  end

  5.times do |number|
    it "notices what that notices, trial #{number}" do
      random = Random.new(RSpec.configuration.seed + number)
      FileUtils.mkdir_p([path("a/x/y"), path("b/x"), path("c")])
      checkers = [ActiveSupport::FileUpdateChecker.new(files, dirs) { nil }, checker(dirs, files: files)]
      noticed = []
      missed = Array.new(60) do |step|
        random.rand(1..3).times { edit(random) }
        polled, ours = checkers.map(&:execute_if_updated)
        noticed << polled
        step if polled && !ours
      end
      expect(noticed).to include(true, false)
      FileUtils.mkdir_p([path("a"), path("b")])
      checkers.last.execute_if_updated
      idle_edit(random)
      expect([RSpec.configuration.seed, missed.compact, checkers.last.updated?])
        .to eq [RSpec.configuration.seed, [], false]
    end
  end
end
