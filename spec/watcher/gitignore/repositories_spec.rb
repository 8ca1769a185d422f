# frozen_string_literal: true

# More files than .gitignore say which files git ignores.
RSpec.describe Inotify::Watcher, "in git's repositories" do
  before do
    git("init", "-q")
    make("a.log", "a.rb", "A.LOG", "lib/b.log", "lib/c.rb", "lib/x/d.log")
  end

  # The files that the watcher knows, which must be those that git does not ignore.
  def agreed(watcher)
    found = known_files(up_to_date(watcher))
    expect(found).to eq counted_by_git
    expect(watcher.audit).to be_empty
    found
  end

  def up_to_date(watcher) = watcher.tap { all_changes(watcher) }

  # Changes something that git reads: the watcher knows that at once.
  def changed(watcher)
    before = up_to_date(watcher).paths
    yield
    agreed(watcher).tap { expect(watcher.paths).not_to eq before }
  end

  def give_to_nobody(*paths) = File.chown(Children::NOBODY, Children::NOBODY, *paths)

  def reported_after(watcher)
    all_changes(watcher)
    yield
    all_reported(watcher)
  end

  describe "with info/exclude" do
    it "ignores what it says, unless a .gitignore says otherwise" do
      configure(path(".git/info/exclude"), "*.log\nlib/x/\n")
      rules("!b.log\n", "lib")
      expect(agreed(watch(gitignore: true))).to eq %w[A.LOG a.rb lib/.gitignore lib/b.log lib/c.rb]
    end

    it "reads it again when it changes, is removed or made" do
      FileUtils.rm_rf(path(".git/info"))
      watcher = watch(gitignore: true)
      expect(changed(watcher) { configure(path(".git/info/exclude"), "*.log\n") }).to eq %w[A.LOG a.rb lib/c.rb]
      expect(changed(watcher) { File.write(path(".git/info/exclude"), "*.rb\n") }).to include("a.log")
      expect(changed(watcher) { FileUtils.rm_rf(path(".git/info")) }).to include("a.log", "a.rb")
    end

    it "holds below the top" do
      configure(path(".git/info/exclude"), "/lib/*.log\n/d.log\n")
      expect(known(watch(path("lib"), gitignore: true))).to eq %w[lib lib/c.rb lib/x lib/x/d.log]
    end
  end

  describe "with core.excludesFile" do
    it "takes the default, and what is made there later" do
      watcher = watch(gitignore: true)
      expect(changed(watcher) { configure("#{home}/.config/git/ignore", "*.rb\n") }).to exclude("a.rb")
      ENV["XDG_CONFIG_HOME"] = "#{home}/other"
      configure("#{home}/other/git/ignore", "*.log\n")
      expect(agreed(watch(gitignore: true))).to eq %w[A.LOG a.rb lib/c.rb]
    end

    it "is overridden by info/exclude" do
      configure("#{home}/.config/git/ignore", "*.rb\n*.log\n")
      configure(path(".git/info/exclude"), "!a.*\n")
      expect(agreed(watch(gitignore: true))).to eq %w[A.LOG a.log a.rb]
    end

    it "takes the user's, and the repository's before that", :aggregate_failures do
      configure("#{home}/.gitconfig", "[core]\n\texcludesFile = ~/rules ; mine\n")
      configure("#{home}/rules", "*.rb\n")
      watcher = watch(gitignore: true)
      expect(agreed(watcher)).to eq %w[A.LOG a.log lib/b.log lib/x/d.log]
      configure(path("lib/own"), "*.log\n")
      expect(changed(watcher) { git("config", "core.excludesFile", "lib/own") }).to eq %w[A.LOG a.rb lib/c.rb lib/own]
      expect(changed(watcher) { File.write(path("lib/own"), "own\n") }).to include("a.log").and exclude("lib/own")
      expect(changed(watcher) { git("config", "core.excludesFile", "") }).to include("lib/own", "a.log", "a.rb")
    end

    it "takes what is included, and included there only" do
      configure("#{home}/.gitconfig", <<~CONFIG)
        [include]
          path = more
        [includeIf "gitdir:#{dir}/"]
          path = ~/here
        [includeIf "gitdir:/elsewhere/"]
          path = there
      CONFIG
      configure("#{home}/more", "[core]\nignoreCase\n")
      configure("#{home}/here", "[core]\nexcludesFile = #{home}/rules\n")
      configure("#{home}/there", "[core]\nexcludesFile = /dev/null\n")
      configure("#{home}/rules", "*.Log\n")
      expect(agreed(watch(gitignore: true))).to eq %w[a.rb lib/c.rb]
    end

    it "takes what GIT_CONFIG_GLOBAL and GIT_CONFIG_SYSTEM name instead" do
      configure("#{home}/global", "[core]\nexcludesFile = #{home}/rules\n")
      configure("#{home}/system", "[core]\nignoreCase = true\n")
      configure("#{home}/rules", "*.Log\n")
      configure("#{home}/.gitconfig", "[core]\nexcludesFile = /none\n")
      ENV.update("GIT_CONFIG_GLOBAL" => "#{home}/global", "GIT_CONFIG_SYSTEM" => "#{home}/system",
                 "GIT_CONFIG_NOSYSTEM" => nil)
      expect(agreed(watch(gitignore: true))).to eq %w[a.rb lib/c.rb]
    end
  end

  it "ignores the case where core.ignorecase is set" do
    rules("*.LOG\n/LIB/x\n")
    watcher = watch(gitignore: true)
    expect(agreed(watcher)).to include("a.log", "lib/x/d.log")
    expect(changed(watcher) { git("config", "core.ignorecase", "true") }).to eq %w[.gitignore a.rb lib/c.rb]
  end

  describe "in worktrees and submodules" do
    before do
      git("add", "a.rb")
      git("commit", "-q", "-m", "a")
    end

    it "takes what the main worktree has, and the worktree's own configuration" do
      git("worktree", "add", "-q", path("one"))
      make("one/x.log", "one/y.rb")
      configure(path(".git/info/exclude"), "*.log\n")
      watcher = watch(path("one"), gitignore: true)
      expect([known_files(watcher), counted_by_git(path("one"))]).to eq [%w[one/a.rb one/y.rb], %w[one/y.rb]]
      git("config", "extensions.worktreeConfig", "true", directory: path("one"))
      configure("#{home}/rules", "y.*\n")
      git("config", "--worktree", "core.excludesFile", "#{home}/rules", directory: path("one"))
      expect(known_files(up_to_date(watcher))).to eq %w[one/a.rb]
    end

    it "takes a submodule's own rules and not those around it" do
      Dir.mktmpdir do |source|
        git("init", "-q", directory: source)
        git("commit", "-q", "--allow-empty", "-m", "a", directory: source)
        git("submodule", "add", "-q", source, "sub")
      end
      make("sub/e.log", "sub/e.tmp")
      configure(path(".git/info/exclude"), "*.log\n")
      configure(path(".git/modules/sub/info/exclude"), "*.tmp\n")
      expect(known_files(watch(gitignore: true))).to include("sub/e.log").and exclude("sub/e.tmp", "sub/.git")
    end
  end

  describe "inside of others" do
    before do
      rules("*.log\n")
      make("in/e.log", "in/e.tmp", "in/x/f.log", "in/x/f.tmp")
    end

    it "takes their own rules alone, and those of the outer one for what they are themselves" do
      git("init", "-q", path("in"))
      configure(path("in/.git/info/exclude"), "*.tmp\n")
      expect(agreed(watch(gitignore: true))).to include("in/x/f.log").and exclude("in/e.tmp", "in/x/f.tmp")
      rules("in\n")
      expect(agreed(watch(gitignore: true)).grep(/in/)).to eq []
    end

    it "notices when one is made, moved, replaced and removed", :aggregate_failures do
      watcher = watch(gitignore: true)
      expect(changed(watcher) { git("init", "-q", path("in")) }).to include("in/e.log")
      changed(watcher) { File.write(path("in/.git/info/exclude"), "*.tmp\n") }
      rename("in", "lib/in")
      expect(agreed(watcher)).to include("lib/in/e.log")
      expect(changed(watcher) { File.write(path("lib/in/.git/info/exclude"), "*.log\n") }).to include("lib/in/e.tmp")
      expect(changed(watcher) { rename("lib/in/.git", "lib/in/git") }).to include("lib/in/git/HEAD")
      expect(changed(watcher) { rename("lib/in/git", "lib/in/.git") }).to exclude("lib/in/e.log")
      FileUtils.rm_rf(path("lib/in"))
      expect(agreed(watcher).grep(%r{/in})).to eq []
    end

    it "takes a .git that is no repository for none" do
      make("in/.git/HEAD", "in/.git/x")
      expect(agreed(watch(gitignore: true))).to exclude("in/e.log")
      FileUtils.rm_rf(path("in/.git"))
      File.write(path("in/.git"), "gitdir: nowhere\n")
      expect(agreed(watch(gitignore: true))).to exclude("in/e.log")
    end

    it "has no watch left for one that is ignored now" do
      git("init", "-q", path("in"))
      watcher = watch(gitignore: true)
      changed(watcher) { rules("*.log\nin/\n") }
      expect([watched?(path("in/.git")), watched?(path("in/.git/info"))]).to eq [false, false]
    end
  end

  describe "above the root" do
    it "reads .gitignore files again when they change, are made and removed", :aggregate_failures do
      watcher = watch(path("lib/x"), gitignore: true)
      expect(reported_after(watcher) { rules("*.log\n") }).to eq [[:deleted, "lib/x/d.log"]]
      expect(reported_after(watcher) { rules("!d.log\n", "lib") }).to eq [[:created, "lib/x/d.log"]]
      expect(reported_after(watcher) { File.delete(path("lib/.gitignore")) }).to eq [[:deleted, "lib/x/d.log"]]
      expect(reported_after(watcher) { FileUtils.rm_rf(path(".git")) }).to eq [[:created, "lib/x/d.log"]]
    end

    it "takes those above the target of a root that is a link, and of where it leads later", :aggregate_failures do
      rules("d.log\n")
      Dir.mktmpdir do |elsewhere|
        link = File.join(File.realpath(elsewhere), "link")
        File.symlink(path("lib/x"), link)
        watcher = watch(link, gitignore: true)
        expect(watcher.paths).to eq [link]
        expect(reported_after(watcher) { rules("") }).to eq [[:created, below("#{link}/d.log")]]
        File.symlink(path("lib"), "#{link}.new")
        rules("c.rb\n")
        expect(reported_after(watcher) { File.rename("#{link}.new", link) }.flatten).to include(below("#{link}/b.log"))
        expect(watcher.paths.grep(/c\.rb/)).to eq []
      end
    end
  end

  describe "of somebody else" do
    before do
      skip "needs root" unless Process.uid.zero?
      configure(path(".git/info/exclude"), "*.log\n")
      git("config", "core.excludesFile", "#{home}/rules")
      configure("#{home}/rules", "*.rb\n")
      give_to_nobody(dir, path(".git"))
    end

    it "counts .gitignore files alone, as git reads no other there" do
      rules("lib\n")
      expect(known_files(watch(gitignore: true))).to eq %w[.gitignore A.LOG a.log a.rb]
    end

    it "does not let a .git lead anywhere, to be read or watched" do
      make("sub/e.log")
      configure("#{home}/secret/HEAD", "")
      FileUtils.mkdir_p(%w[objects refs].map { |name| "#{home}/secret/#{name}" })
      File.write(path("sub/.git"), "gitdir: #{home}/secret\n")
      give_to_nobody(path("sub"), path("sub/.git"))
      watch(gitignore: true)
      expect(watched?("#{home}/secret")).to be false
    end

    it "takes a worktree for one where safe.directory says so" do
      configure("#{home}/.gitconfig", "[safe]\n\tdirectory = *\n")
      git("commit", "-q", "--allow-empty", "-m", "a")
      git("worktree", "add", "-q", path("one"))
      make("one/x.log", "one/y.rb", "one/z")
      give_to_nobody(path("one"), path("one/.git"))
      expect([known_files(watch(path("one"), gitignore: true)), counted_by_git(path("one"))])
        .to eq [%w[one/z], %w[one/z]]
    end

    it "counts all where safe.directory says so" do
      [dir, "*", "#{File.dirname(dir)}/*"].each do |safe|
        configure("#{home}/.gitconfig", "[safe]\n\tdirectory = #{safe}\n")
        expect(known_files(watch(gitignore: true))).to eq %w[A.LOG]
      end
    end
  end
end
