# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "when .gitignore files change" do
  def rules(text, directory = ".") = File.write(path("#{directory}/.gitignore"), text)

  before { make("a.log", "a.rb", "log/x", "log/deep/y", "lib/b.log", "lib/c.rb") }

  let(:tree) { watch(gitignore: true).tap { |watcher| all_changes(watcher) } }

  # The reported changes, except of the .gitignore files.
  def reported_after
    tree
    yield
    all_reported(tree).reject { |_, *paths| paths.any? { |path| path.end_with?(".gitignore") } }
  end

  it "reports what is ignored from now on as deleted" do
    expect(reported_after { rules("*.log") }).to eq [[:deleted, "a.log"], [:deleted, "lib/b.log"]]
  end

  it "reports what is no longer ignored as created" do
    rules("*.log")
    expect(reported_after { rules("") }).to eq [[:created, "a.log"], [:created, "lib/b.log"]]
  end

  it "takes the watches of a directory that is ignored from now on" do
    expect(reported_after { rules("log/") }).to eq(%w[log log/deep log/deep/y log/x].map { |name| [:deleted, name] })
    expect([watched?(path("log")), watched?(path("log/deep")), watched?(path("lib"))]).to eq [false, false, true]
  end

  it "watches a directory that is no longer ignored, with all below it" do
    rules("log/")
    reported_after { File.delete(path(".gitignore")) }
    expect(reported_after { make("log/deep/new") }).to eq [[:created, "log/deep/new"]]
  end

  it "takes a file made in a subdirectory for what is in it" do
    expect(reported_after { rules("*.log", "lib") }).to eq [[:deleted, "lib/b.log"]]
  end

  it "takes one that is renamed to its place, and no longer after it is renamed away" do
    File.write(path("rules"), "*.log")
    tree
    expect(reported_after { rename("rules", ".gitignore") }).to include([:deleted, "a.log"], [:deleted, "lib/b.log"])
    expect(reported_after { rename(".gitignore", "rules") }).to include([:created, "a.log"], [:created, "lib/b.log"])
  end

  it "takes the rules that a moved directory brings with it" do
    make("other/x/b.log", "other/x/c")
    tree
    reported_after { rules("*.log", "other/x") }
    reported_after { rename("other/x", "lib/x") }
    expect(reported_after { make("lib/x/d.log", "lib/x/d.rb") }).to eq [[:created, "lib/x/d.rb"]]
  end

  it "applies the rules of the new place to what a directory brings with it" do
    make("other/d/e.log", "other/d/f")
    rules("*.log", "lib")
    expect(reported_after { rename("other/d", "lib/d") }).to include([:renamed, "other/d", "lib/d"])
    expect([known(tree).grep(/e\.log/), tree.audit]).to eq [[], []]
  end

  it "takes a rule and what it is about when both are made at once" do
    expect(reported_after { make("new/x.log", "new/y").then { rules("*.log", "new") } })
      .to eq [[:created, "new"], [:created, "new/y"]]
  end

  it "leads to what is there, whatever the changes were in between" do
    before = tree.paths
    20.times do |number|
      rules(["*.log", "log/", "!*.log", "lib/*", ""][number % 5], %w[. lib][number % 2])
      make("lib/new/#{number}.log", "log/#{number}")
    end
    expect([applied(before, all_changes(tree)), tree.audit]).to eq [tree.paths.to_set, []]
  end
end
