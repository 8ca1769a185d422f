# frozen_string_literal: true

# Patterns are matched by the native thread, the others where changes are taken: the same is reported.
RSpec.describe Inotify::Watcher, "when something is renamed between what counts and what doesn't" do
  before { make("in/f", "in/d/e/g", "skip/f", "skip/d/e/g") }

  { "a pattern" => %w[skip/ *.tmp], "Regexps" => [%r{(?:\A|/)skip\z}, /\.tmp\z/],
    "callables" => [->(path) { path.end_with?("/skip") }, ->(path) { path.end_with?(".tmp") }] }.each do |kind, ignore|
    describe "ignored by #{kind}" do
      let!(:tree) { watch(ignore: ignore) }

      # The changes that are reported of what the block does. They lead to the known paths, which are those on the disk.
      def reported_after
        before = tree.paths
        yield
        found = all_changes(tree)
        expect([applied(before, found), tree.audit]).to eq [tree.paths.to_set, []]
        short(found).sort
      end

      it "reports a file that leaves as deleted" do
        expect(reported_after { rename("in/f", "skip/x") }).to eq [[:deleted, "in/f"]]
      end

      it "reports a file that comes as created" do
        expect(reported_after { rename("skip/f", "in/x") }).to eq [[:created, "in/x"]]
      end

      it "reports a file whose name begins to count as created" do
        reported_after { make("in/a.tmp") }
        expect(reported_after { rename("in/a.tmp", "in/a") }).to eq [[:created, "in/a"]]
      end

      it "reports a file whose name no longer counts as deleted" do
        expect(reported_after { rename("in/f", "in/f.tmp") }).to eq [[:deleted, "in/f"]]
      end

      it "reports an atomic save through an ignored name as modified" do
        make("in/f.tmp")
        expect(reported_after { rename("in/f.tmp", "in/f") }).to eq [[:modified, "in/f"]]
      end

      it "reports a directory that leaves as deleted with all in it" do
        expect(reported_after { rename("in/d", "skip/x") })
          .to eq [[:deleted, "in/d"], [:deleted, "in/d/e"], [:deleted, "in/d/e/g"]]
      end

      it "reports a directory that comes as created with all in it" do
        expect(reported_after { rename("skip/d", "in/x") })
          .to eq [[:created, "in/x"], [:created, "in/x/e"], [:created, "in/x/e/g"]]
      end

      it "reports a directory whose name begins to count as created with all in it" do
        expect(reported_after { rename("skip", "in/x") })
          .to eq(%w[x x/d x/d/e x/d/e/g x/f].map { |name| [:created, "in/#{name}"] })
      end

      it "reports changes in it from then on" do
        reported_after { rename("skip/d", "in/x") }
        expect(reported_after { make("in/x/e/new") }).to eq [[:created, "in/x/e/new"]]
      end

      it "gets it right when a directory goes and comes back" do
        reported_after do
          rename("in/d", "skip/x")
          rename("skip/x", "in/y")
        end
        expect(known(tree)).to include("in/y/e/g")
      end
    end
  end
end
