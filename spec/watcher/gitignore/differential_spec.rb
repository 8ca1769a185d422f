# frozen_string_literal: true

# Rules and trees made up at random: git says what is right. The seed of a failing case stands in its message.
RSpec.describe Inotify::Watcher, "and git" do
  before { git("init", "-q") }

  # Yields what is made up at random by each of some seeds.
  def each_case(count)
    count.times { |number| yield RandomRules.new((RSpec.configuration.seed * 1_000) + number) }
  end

  # Makes files and directories, unless something is in the way.
  def make_some(random, count)
    count.times do
      make("#{random.path}#{"/" if random.chance?(15)}")
    rescue SystemCallError
      nil
    end
  end

  # Writes rules where git takes them from.
  def rule(random, directories)
    text = random.rules
    case random.number(0..9)
    when 0 then configure("#{home}/.config/git/ignore", text)
    when 1 then configure(path(".git/info/exclude"), text)
    when 2 then git("config", "core.ignorecase", random.chance?(50).to_s)
    else write_unless_ignored(File.join(random.pick(directories), ".gitignore"), text)
    end
  end

  def write_unless_ignored(file, text)
    File.binwrite(file, text)
  rescue SystemCallError
    # Its directory is gone, or it is one.
  end

  def directories
    names = Dir.glob("**/", File::FNM_DOTMATCH, base: dir).map { |name| name.b.delete_suffix("/") }
    names.grep_v(%r{(?:\A|/)\.(?:git|\z)}n).map { |name| File.join(dir.b, name) } << dir
  end

  # Makes a repository of one of the directories.
  def nest(random)
    inner = random.pick(directories)
    return if inner == dir

    git("init", "-q", inner)
    configure(File.join(inner, ".git/info/exclude"), random.rules)
  end

  it "agree what of a tree is ignored by rules in all places, while they change" do
    each_case(8) do |random|
      make_some(random, 60)
      5.times { rule(random, directories) }
      nest(random) if random.chance?(40)
      watcher = watch(gitignore: true)
      4.times do |step|
        all_changes(watcher)
        expect([random.seed, step, known_files(watcher)]).to eq [random.seed, step, counted_by_git]
        make_some(random, 5)
        random.chance?(20) ? nest(random) : rule(random, directories)
      end
      watcher.close
      FileUtils.rm_rf(Dir.children(dir).map { |name| path(name) })
      git("init", "-q")
    end
  end

  it "agree what of a tree patterns in ignore: and only: are about" do
    git("config", "core.excludesFile", path(".git/rules"))
    each_case(24) do |random|
      make_some(random, 40)
      patterns = random.rules.delete_prefix("\u{feff}".b).delete("\r").split("\n").select { |pattern| right?(pattern) }
      expect([random.seed, patterns, known_with(ignore: patterns + ["/.git"])])
        .to eq [random.seed, patterns, listed_by_git(patterns, "--others")]
      patterns = patterns.grep_v(/\A!/n)
      next if patterns.empty?

      expect([random.seed, patterns, known_with(only: patterns, ignore: "/.git")])
        .to eq [random.seed, patterns, listed_by_git(patterns, "--others", "--ignored")]
    end
  end

  # Whether a pattern may be given, and means the same in a file: braces do not.
  def right?(pattern)
    body = pattern.delete_prefix("!")
    !body.empty? && !body.match?(%r{//|(?:\A|/)\.{1,2}(?:/|\z)|\A/\z|[{}]}n)
  end

  def known_with(**filters)
    watcher = watch(**filters)
    known_files(watcher).tap { watcher.close }
  end

  def listed_by_git(patterns, *what)
    File.binwrite(path(".git/rules"), patterns.join("\n"))
    git("ls-files", "-z", *what, "--exclude-standard").b.split("\0").sort
  end
end
