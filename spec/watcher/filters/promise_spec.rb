# frozen_string_literal: true

require "find"

# Things happen at random, faster than they can be watched; the changes lead to what is there and included.
RSpec.describe Inotify::Watcher, "with filters, under load" do
  names = %w[a b c d.log e.rb skip skip.rb]
  predicate = ->(path) { path.end_with?("/skip") }
  pattern = ->(*globs) { ->(path) { globs.any? { |glob| File.fnmatch?(glob, File.basename(path)) } } }

  # A pattern in only: includes what is in a directory that matches.
  in_matching = ->(path) { path.split("/").any? { |name| name.end_with?(".rb") } }

  # Random operations in a directory that others change as well; one that fails was done by another.
  def something(names)
    from, to = Array.new(2) { Array.new(rand(1..4)) { names.sample }.join("/") }
    case rand(10)
    when 0..2 then make(from)
    when 3..4 then FileUtils.mkdir_p(path(from))
    when 5..7 then rename(from, to)
    when 8 then File.delete(path(from))
    else FileUtils.rm_r(path(from))
    end
  rescue SystemCallError
    nil
  end

  # The paths on the disk that are included: none in an ignored directory is.
  def counted(ignored, only, ignore_dirs_only: false)
    Find.find(dir).select do |path|
      directory = File.directory?(path)
      next true if path == dir
      next Find.prune if ignored.call(path) && (directory || !ignore_dirs_only)

      only.nil? || (!directory && only.call(path))
    end.to_set
  end

  { "patterns" => [{ ignore: %w[skip *.log] }, pattern.call("skip", "*.log"), nil],
    "directories alone" => [{ ignore: %w[skip/] }, pattern.call("skip"), nil],
    "callables" => [{ ignore: [predicate, /\.log\z/] }, pattern.call("skip", "*.log"), nil],
    "both" => [{ ignore: ["*.log", predicate] }, pattern.call("skip", "*.log"), nil],
    "only:" => [{ only: "*.rb", ignore: "skip" }, pattern.call("skip"), in_matching],
    "callables in only:" => [{ only: /\.rb\z/, ignore: predicate }, pattern.call("skip"), pattern.call("*.rb")] }
    .each do |kind, (options, ignored, only)|
    it "keeps its promise with #{kind}", :slow do
      200.times { something(names) }
      watcher = watch(**options)
      paths = watcher.paths.to_set
      5.times do
        200.times { something(names) }
        paths = applied(paths, all_changes(watcher))
        there = counted(ignored, only, ignore_dirs_only: kind == "directories alone")
        there.delete(dir) if only
        expect(paths).to eq there
        expect([watcher.paths.to_set, watcher.audit]).to eq [there, []]
      end
    end
  end

  it "keeps its promise while .gitignore files change, too", :slow do
    rules = %w[skip/ *.log !d.log a/b /c e.* ! **/b]
    watcher = watch(gitignore: true)
    paths = watcher.paths.to_set
    5.times do
      100.times do
        something(names)
        next if rand(5).positive?

        File.write(path("#{["", *names].sample}/.gitignore"), rules.sample(2).join("\n"))
      rescue SystemCallError
        nil
      end
      paths = applied(paths, all_changes(watcher))
      expect([paths, watcher.audit]).to eq [watcher.paths.to_set, []]
    end
    expect(known_to_another).to eq paths
  end

  # The paths that a watcher knows that begins now.
  def known_to_another = watch(gitignore: true).paths.to_set
end
