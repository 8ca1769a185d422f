# frozen_string_literal: true

require "fileutils"

# Makes, changes, moves and removes files, directories and symbolic links at random.
class RandomHand
  DIRS = %w[a b c].freeze
  FILES = %w[x.rb y.erb z.rb .h.rb].freeze
  DEEDS = { write: 5, edit: 2, make_dir: 2, make_deep: 2, remove: 2, rename: 2, rename_dir: 2, link: 1, link_dir: 1,
            unlink: 1, remove_dir: 1 }.flat_map { |deed, often| [deed] * often }.freeze

  def initialize(dir, random)
    @dir = dir
    @random = random
    @count = 0
    %w[app ext out].each { |name| Dir.mkdir(File.join(dir, name)) }
  end

  # @return [Array<Array>] what was done
  def act
    Array.new(@random.rand(1..4)) do
      deed = DEEDS.sample(random: @random)
      arguments = __send__(deed)
      [deed, *arguments]
    rescue SystemCallError, ArgumentError => e
      [deed, e.class]
    end
  end

  private

  def entries = glob("**/*").reject { |path| path.end_with?("/.") }
  def glob(pattern) = Dir.glob(pattern, File::FNM_DOTMATCH, base: @dir).map { |name| File.join(@dir, name).chomp("/") }
  def dir = pick([@dir, *glob("**/")])
  def file = pick(entries.select { |path| File.file?(path) && !File.symlink?(path) })
  def new_file = File.join(dir, pick(FILES))
  def new_dir = File.join(dir, pick(DIRS))
  def pick(choice) = choice.sample(random: @random)
  def content = (@count += 1).to_s

  def write = new_file.tap { |path| File.write(path, content) }
  def edit = file&.tap { |path| File.write(path, content, mode: "a") }
  def make_dir = new_dir.tap { |path| Dir.mkdir(path) }
  def remove = file&.tap { |path| File.delete(path) }
  def unlink = pick(entries.select { |path| File.symlink?(path) })&.tap { |path| File.delete(path) }
  def remove_dir = dir.tap { |path| FileUtils.rm_rf(path) unless path == @dir || @random.rand(3).positive? }
  def rename = (from = file) && [from, new_file].tap { |paths| File.rename(*paths) }
  def rename_dir = [dir, new_dir].tap { |paths| File.rename(*paths) unless paths.first == @dir }
  def link = (from = file) && [from, new_file].tap { |paths| File.symlink(*paths) }
  def link_dir = [dir, "#{new_dir}l"].tap { |paths| File.symlink(*paths) }

  def make_deep
    File.join(@dir, pick(%w[app ext lib/deep]), pick(DIRS), pick(DIRS)).tap do |path|
      FileUtils.mkdir_p(path)
      File.write(File.join(path, pick(FILES)), content)
    end
  end
end
