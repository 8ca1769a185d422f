# frozen_string_literal: true

module Inotify
  module CLI
    # Whether git is at work on what is watched: a checkout, rebase or pull is one batch of changes.
    # @api private
    class GitWork
      # What is there while git works, in its own directory.
      SIGNS = %w[index.lock rebase-merge rebase-apply].freeze
      # Seconds after HEAD has moved, in which more comes.
      SETTLING = 0.2
      # Seconds between looks: nobody reports its end.
      LOOK = 0.05
      # The longest wait, in seconds: a rebase may wait for its user.
      LONGEST = 10
      private_constant :SIGNS, :SETTLING, :LONGEST

      # @param paths [Array<String>] that are watched
      def initialize(paths)
        @dirs = paths.filter_map { |path| git_dir(File.expand_path(path)) }.uniq
      end

      # @return [Numeric] seconds until somebody should ask again; 0 when git is not at work, or for too long
      def wait
        return settle unless @dirs.any? { |dir| working?(dir) }

        @deadline ||= Internal::Deadline.after(LONGEST)
        @deadline.passed? ? 0 : LOOK
      end

      private

      # What git did last is yet to be reported.
      def settle
        worked = @deadline
        @deadline = nil
        worked ? SETTLING : 0
      end

      def working?(dir)
        SIGNS.any? { |name| File.exist?(File.join(dir, name)) } || moved?(dir)
      end

      def moved?(dir)
        Time.now - File.mtime(File.join(dir, "HEAD")) < SETTLING
      rescue SystemCallError
        false
      end

      # Of the work tree that a path is in. Linked work trees and submodules have a file in its place.
      def git_dir(path)
        place = File.join(path, ".git")
        return place if File.directory?(place)
        return File.expand_path(File.read(place)[/\Agitdir: (.*)$/, 1].to_s, path) if File.file?(place)

        git_dir(File.dirname(path)) unless path == "/"
      rescue SystemCallError
        nil
      end
    end
  end
end
