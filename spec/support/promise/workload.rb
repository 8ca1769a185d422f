# frozen_string_literal: true

require "fileutils"
require "open3"

# What a process does to a tree, at random and as fast as it can. The same seed does the same.
class Workload
  NAMES = %w[a b c d e].freeze
  KINDS = %i[mixed renames nests bursts saves roots git].freeze
  COMMON = %i[make_dirs write append remove remove_tree move copy save symlink].freeze

  OPERATIONS = {
    mixed: COMMON + %i[move_out move_in fill_and_move burst swap change_mode],
    renames: %i[make_dirs write move move move move_out move_in fill_and_move swap swap exchange remove_tree],
    nests: %i[make_dirs burst nest nest nest move swap write],
    bursts: %i[burst burst copy remove_tree move write fill_and_move],
    saves: %i[save save save write append remove make_dirs move],
    roots: COMMON + %i[replace_root remove_root move_root burst fill_and_move],
    git: []
  }.freeze

  def initialize(root, outside, kind, seed)
    @root = root
    @outside = outside
    @kind = kind
    @random = Random.new(seed)
    @count = 0
  end

  # What is there before anybody watches.
  def prepare
    FileUtils.mkdir_p([@root, @outside])
    @kind == :git ? prepare_git : 15.times { attempt(%i[make_dirs write burst].sample(random: @random)) }
  end

  def run(operations)
    return checkout_at_random if @kind == :git

    operations.times { attempt(OPERATIONS[@kind].sample(random: @random)) }
    FileUtils.mkdir_p(@root)
    File.write("#{@root}/end", content)
  end

  private

  def attempt(operation)
    send(operation)
  rescue SystemCallError, ArgumentError, TypeError
    # Not every operation can be done everywhere.
  end

  def place = File.join(@root, *Array.new(@random.rand(1..4)) { NAMES.sample(random: @random) })

  def elsewhere = File.join(@outside, NAMES.sample(random: @random))

  def content = "#{@count += 1} #{"x" * @random.rand(20)}"
  def make_dirs = FileUtils.mkdir_p(place)
  def write = File.write(place, content)

  def append = File.open(place, "a") { |file| file.write(content) }

  def remove = File.unlink(place)

  def remove_tree = FileUtils.rm_rf(place)

  def move = File.rename(place, place)

  def move_out = File.rename(place, elsewhere)

  def move_in = File.rename(elsewhere, place)

  # Of copies of copies, and of copies into themselves, there would be no end.
  def copy
    from = place
    to = place
    from = File.realpath(from)
    FileUtils.cp_r(from, to) unless inside?(to, from) || Dir.glob("#{from}/**/*").size > 30
  end

  # Whichever symbolic links lead there.
  def inside?(path, dir)
    path = File.exist?(path) ? File.realpath(path) : File.join(File.realpath(File.dirname(path)), File.basename(path))
    "#{path}/".start_with?("#{dir}/")
  end

  def symlink = File.symlink(NAMES.sample(random: @random), place)

  def change_mode = File.chmod(0o700, place)

  def save
    target = place
    File.write("#{target}~", content)
    File.rename("#{target}~", target)
  end

  # As tar does.
  def burst
    top = place
    @random.rand(1..12).times do |number|
      dir = File.join(top, Array.new(@random.rand(3)) { NAMES.sample(random: @random) })
      FileUtils.mkdir_p(dir)
      File.write(File.join(dir, number.to_s), content)
    end
  end

  # A directory that has another name when it is noticed.
  def fill_and_move
    dir = place
    Dir.mkdir(dir)
    File.write("#{dir}/early", content)
    File.rename(dir, other = place)
    File.write("#{other}/late", content)
  end

  def swap
    one = place
    other = place
    File.rename(one, "#{@root}/swap")
    File.rename(other, one)
    File.rename("#{@root}/swap", other)
  end

  # One directory goes into another, which is renamed then.
  def nest
    one, other = Dir.glob("#{@root}/**/*/").sample(2, random: @random).map { |dir| dir.chomp("/") }
    File.rename(one, File.join(other, NAMES.sample(random: @random))) && File.rename(other, place)
  end

  # renameat2(2) with RENAME_EXCHANGE.
  def exchange
    number = { "x86_64" => 316, "aarch64" => 276 }[RbConfig::CONFIG["host_cpu"]]
    number && syscall(number, -100, place, -100, place, 2)
  end

  def remove_root = FileUtils.rm_rf(@root)

  def replace_root
    FileUtils.rm_rf("#{@outside}/next")
    FileUtils.mkdir_p("#{@outside}/next/a")
    File.write("#{@outside}/next/a/b", content)
    File.rename(@root, "#{@outside}/previous#{@count += 1}")
    File.rename("#{@outside}/next", @root)
  end

  def move_root = File.rename(@root, "#{@outside}/away") && File.rename("#{@outside}/away", @root)

  def git(*arguments)
    options = %w[-c user.name=a -c user.email=a@example.org]
    output, status = Open3.capture2e("git", "-C", @root, *options, *arguments)
    raise "git #{arguments.first}: #{output}" unless status.success?
  end

  def prepare_git
    git("init", "--quiet")
    3.times do |branch|
      git("checkout", "--quiet", "--orphan", "branch#{branch}")
      FileUtils.rm_rf((Dir.children(@root) - [".git"]).map { |name| File.join(@root, name) }) if branch.positive?
      8.times { attempt(:burst) }
      File.write(File.join(@root, "always"), content)
      git("add", "--all")
      git("commit", "--quiet", "--message", "branch")
    end
  end

  def checkout_at_random
    @random.rand(2..5).times { git("checkout", "--quiet", "branch#{@random.rand(3)}") }
  end
end
