# frozen_string_literal: true

# git itself says what is to be known.
RSpec.describe Inotify::Watcher, "with gitignore:" do
  before do
    git("init", "-q")
  end

  let(:files) do
    %w[a.rb b.log keep.log tmp/x tmp/keep lib/a.rb lib/b.log lib/tmp/x lib/deep/tmp/y doc/a.txt doc/x/b.txt
       build/out.o build/keep/z src/build/o a/b/c/d.txt a/c.txt foo/bar foobar #hash !bang sp ace]
  end

  {
    "a name" => "tmp", "a directory only" => "tmp/", "a file type" => "*.log", "negation" => "*.log\n!keep.log",
    "negation under an ignored directory" => "tmp/\n!tmp/keep", "negation of what is in it" => "tmp/*\n!tmp/keep",
    "an anchor" => "/tmp", "an anchor by a slash in the middle" => "lib/tmp", "leading **" => "**/tmp",
    "** in the middle" => "a/**/d.txt", "trailing **" => "lib/**", "trailing ** and negation" => "lib/**\n!lib/a.rb",
    "a question mark" => "lib/?.rb", "a class" => "[ab].*", "a negated class" => "[!a].*", "a range" => "[a-c].rb",
    "a class with a bracket" => "[]a].rb", "an open class" => "[a", "a comment" => "#hash",
    "an escaped hash" => '\#hash', "a bang" => "!bang", "an escaped bang" => '\!bang', "an escaped star" => 'a\*',
    "an escaped letter" => '\t\mp', "trailing spaces" => "tmp   \nfoo/bar  ", "escaped trailing spaces" => 'tmp\ ',
    "a leading space" => " tmp", "a trailing backslash" => "tmp\\", "CRLF" => "tmp\r\n*.log\r\n",
    "a BOM" => "\u{feff}tmp\n", "everything" => "*", "everything but" => "*\n!*/\n!*.rb", "only a slash" => "/",
    "two slashes" => "//tmp", "a doubled negation" => "!!tmp", "a trailing ** without a slash" => "tmp**",
    "*** in the middle" => "a/***/d.txt", "stars that do not cross slashes" => "a/*/d.txt",
    "order" => "!keep.log\n*.log", "no newline at the end" => "a\ntmp", "braces" => "{tmp,lib}", "a dot" => "./tmp",
    "empty lines" => "\n\n\ntmp\n\n", "tabs" => "tmp\t", "a class of names" => "[[:alpha:]].rb",
    "a backslash in a class" => '[\a].rb', "a NUL" => "t\0mp"
  }.each do |kind, text|
    it "ignores what git ignores by #{kind}" do
      make(*files)
      rules(text)
      expect(known_files(watch(gitignore: true))).to eq counted_by_git
    end
  end

  it "lets the nearest file decide" do
    make(*files)
    rules("*.log\n!keep.log\ntmp\n")
    rules("!b.log\n!tmp\n/a.rb", "lib")
    rules("tmp/*\n", "lib/deep")
    expect(known_files(watch(gitignore: true))).to eq counted_by_git
  end

  it "does not let a file within an ignored directory bring it back" do
    make(*files)
    rules("tmp/")
    rules("!*", "tmp")
    expect(known_files(watch(gitignore: true))).to eq counted_by_git
  end

  it "takes names that are not UTF-8" do
    make("caf\xE9.log".b, "caf\xE9.rb".b, "caf\xE9/x".b)
    rules("*.log\ncaf\xE9/\n".b)
    expect(known_files(watch(gitignore: true))).to eq counted_by_git
  end

  it "does not know .git, nor what is in it" do
    make("a")
    expect(watch(gitignore: true).paths.grep(/\.git/)).to be_empty
  end

  it "does not know a .git that is a file, as in a worktree or submodule" do
    make("a", "sub/b")
    File.write(path("sub/.git"), "gitdir: ../.git/modules/sub\n")
    watcher = watch(gitignore: true)
    File.write(path("sub/.git"), "gitdir: elsewhere\n")
    expect([watcher.paths.grep(/\.git\z/), all_reported(watcher)]).to eq [[], []]
  end

  it "does not follow a .gitignore that is a symbolic link, as git does not" do
    make("a", "b", "lib/a")
    File.write("#{dir}.rules", "a\n")
    File.symlink("#{dir}.rules", path(".gitignore"))
    expect(known_files(watch(gitignore: true))).to eq %w[.gitignore a b lib/a]
    expect(known(watch(path("lib"), gitignore: true))).to eq %w[lib lib/a]
  ensure
    FileUtils.rm_f("#{dir}.rules")
  end

  it "reads a .gitignore that becomes readable" do
    File.chmod(0o777, dir)
    expect(unprivileged do
      make("a", "b")
      rules("a")
      File.chmod(0, path(".gitignore"))
      watcher = watch(gitignore: true)
      File.chmod(0o644, path(".gitignore"))
      all_reported(watcher)
    end).to eq [[:attributes, ".gitignore"], [:deleted, "a"]]
  end

  it "knows .gitignore files, and reports them" do
    rules("tmp")
    watcher = watch(gitignore: true)
    rules("log")
    expect(all_reported(watcher)).to eq [[:modified, ".gitignore"]]
  end
end
