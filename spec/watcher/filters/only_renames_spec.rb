# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with only:, when directories are renamed" do
  { "a pattern" => "*.rb", "a Regexp" => /\.rb\z/,
    "a callable" => ->(path) { path.end_with?(".rb") } }.each do |kind, only|
    describe "by #{kind}" do
      before { make("lib/a.rb", "lib/b.txt", "lib/x/c.rb", "other/") }

      it "reports each file in one as renamed" do
        watcher = watch(only: only)
        rename("lib", "other/lib")
        expect(all_reported(watcher)).to eq [[:renamed, "lib/a.rb", "other/lib/a.rb"],
                                             [:renamed, "lib/x/c.rb", "other/lib/x/c.rb"]]
      end

      it "reports nothing of one without such files" do
        make("empty/x.txt")
        watcher = watch(only: only)
        rename("empty", "other/empty")
        expect(all_reported(watcher)).to be_empty
      end

      it "reports files that are created and then moved with their directory under the new path" do
        watcher = watch(only: only)
        make("new/n.rb")
        rename("new", "other/new")
        expect(all_reported(watcher)).to eq [[:created, "other/new/n.rb"]]
      end

      it "reports renames of files from and to a name that counts" do
        watcher = watch(only: only)
        rename("lib/a.rb", "lib/a.old")
        rename("lib/b.txt", "lib/b.rb")
        expect(all_reported(watcher)).to eq [[:created, "lib/b.rb"], [:deleted, "lib/a.rb"]]
      end

      it "reports the files of a removed directory" do
        watcher = watch(only: only)
        FileUtils.rm_r(path("lib"))
        expect(all_reported(watcher)).to eq [[:deleted, "lib/a.rb"], [:deleted, "lib/x/c.rb"]]
      end
    end
  end

  it "reports each file whose path begins or ceases to match with its directory" do
    make("lib/a.rb", "src/b.rb")
    watcher = watch(only: "lib/**")
    rename("lib", "old")
    rename("src", "lib")
    expect(all_reported(watcher)).to eq [[:created, "lib/b.rb"], [:deleted, "lib/a.rb"]]
  end
end
