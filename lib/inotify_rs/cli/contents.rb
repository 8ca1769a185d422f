# frozen_string_literal: true

require "digest"
require_relative "../internal/moment"

module Inotify
  module CLI
    # Remembers the contents of files, so that a save that leaves the bytes as they were is no change.
    # @api private
    class Contents
      # So many files are remembered, those that changed last.
      MOST_FILES = 20_000
      # Larger files are not read: all their changes are reported.
      MOST_BYTES = 2**24
      private_constant :MOST_FILES, :MOST_BYTES

      def initialize
        @begun = Internal::Moment.now
        @digests = {}
      end

      # Reads the files that exist when watching begins, except for those that have changed since: their changes
      # follow.
      #
      # @param paths [Array<String>]
      def learn(paths)
        paths.first(MOST_FILES).each do |path|
          stat = File.lstat(path)
          remember(path, digest(path, stat)) unless @begun.before?(stat.ctime.to_i, stat.ctime.nsec)
        rescue SystemCallError
          # It does not exist any more.
        end
      end

      # @param records [Array<Records::Changed>]
      # @return [Array<Records::Changed>] except for files with the same content
      def changed(records)
        records.reject { |record| same?(record) }
      end

      private

      def same?(record)
        path = record.path
        before = @digests.delete(record.from || path)
        after = digest(path, File.lstat(path))
        remember(path, after)
        !after.nil? && after == before && !%i[renamed deleted].include?(record.type)
      rescue SystemCallError
        false
      end

      def digest(path, stat)
        Digest::SHA256.file(path).digest if stat.file? && stat.size <= MOST_BYTES
      end

      def remember(path, digest)
        return unless digest

        @digests[path] = digest
        @digests.shift if @digests.size > MOST_FILES
      end
    end
  end
end
