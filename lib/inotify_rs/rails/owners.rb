# frozen_string_literal: true

module Inotify
  # What the trees of one given directory have in common: it, and the trees that symbolic links in it lead to. Each
  # directory is entered by one of them, whatever leads to it, so that circles end.
  # @api private
  class Owners
    # @param top [WatchedTree] of the given directory
    def initialize(top)
      @top = top
      @owners = {}
    end

    # @return [Boolean] whether a tree may enter a directory
    def enter?(wd, tree)
      owned = (@owners[wd] ||= tree).equal?(tree)
      @passed_over = true unless owned
      owned
    end

    # A tree left directories: another way that was passed over may lead to them.
    def leave(wds, tree, posts)
      left = wds.select { |wd| @owners[wd].equal?(tree) }
      left.each { |wd| @owners.delete(wd) }
      posts.look_again(@top) if @passed_over && !left.empty?
    end

    # A tree looks at everything again.
    def start_over(tree)
      return unless tree.equal?(@top)

      @owners.clear
      @passed_over = false
    end
  end
  private_constant :Owners
end
