# frozen_string_literal: true

require "set"

# Somebody who knows the tree from the changes alone: which paths there are, and what each file contained when it was
# reported last.
class Consumer
  # Every path at and below a root.
  def self.paths(root)
    return [] unless File.symlink?(root) || File.exist?(root)

    found = [root]
    found.each do |path|
      next if File.symlink?(path) || !File.directory?(path)

      Dir.each_child(path) { |name| found << File.join(path, name) }
    end
  end

  # What a file contains, as of now: nil where there is none.
  def self.content(path)
    return "-> #{File.readlink(path)}" if File.symlink?(path)

    File.directory?(path) ? :directory : File.binread(path)
  rescue SystemCallError
    nil
  end

  def initialize(root)
    @root = root
    @contents = self.class.paths(root).to_h { |path| [path, self.class.content(path)] }
  end

  def apply(changes)
    changes.each do |change|
      case change
      in { type: :created | :modified, path: } then @contents[path] = self.class.content(path)
      in { type: :deleted, path: } then @contents.delete(path)
      in { type: :renamed, from:, path: } then rename(from, path)
      in { type: :attributes } then nil
      end
    end
  end

  # What is not as the consumer believes; empty when all is well.
  def differences
    real = self.class.paths(@root).to_h { |path| [path, self.class.content(path)] }
    (real.keys - @contents.keys).map { |path| "missed #{path}" } +
      (@contents.keys - real.keys).map { |path| "imagined #{path}" } +
      real.filter_map { |path, content| "stale #{path}" if @contents.key?(path) && stale?(@contents[path], content) }
  end

  private

  def stale?(believed, real) = real != :directory && believed != real

  def rename(from, to)
    moved = @contents.keys.select { |path| path == from || path.start_with?("#{from}/") }
    moved.map { |path| [to + path.delete_prefix(from), @contents.delete(path)] }.each do |path, content|
      # A file that was gone when it was read is read where it is now.
      @contents[path] = content || self.class.content(path)
    end
  end
end
