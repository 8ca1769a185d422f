# frozen_string_literal: true

require_relative "consumer"

# Somebody who keeps a copy of the files and acts on what is at a path: what isn't found there is dropped, with all
# that is below.
class Copier < Consumer
  def apply(changes)
    changes.each do |change|
      case change
      in { type: :created | :modified, path: } then copy(path)
      in { type: :deleted, path: } then drop(path)
      in { type: :renamed, from:, path: } then follow(from, path)
      in { type: :attributes } then nil
      end
    end
  end

  # An empty directory is nothing to copy.
  def differences = super.grep_v(/\Amissed/) + missed_files

  private

  def missed_files
    paths = self.class.paths(@root).reject { |path| @contents.key?(path) || self.class.content(path) == :directory }
    paths.map { |path| "missed #{path}" }
  end

  def copy(path)
    content = self.class.content(path)
    content ? @contents[path] = content : drop(path)
  end

  def follow(from, path)
    return drop(from) unless self.class.content(path)
    return rename(from, path) if @contents.key?(from)

    self.class.paths(path).each { |found| copy(found) }
  end

  def drop(path)
    @contents.delete_if { |it, _| it == path || it.start_with?("#{path}/") }
  end
end
