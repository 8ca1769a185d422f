# frozen_string_literal: true

module Inotify
  module CLI
    # The files that this process and COMMAND write their output to. Where they are watched, each line would be a change
    # that makes another line.
    # @api private
    class OwnFiles
      # @param notices [Notices]
      def initialize(notices)
        @notices = notices
        @told = []
        refresh
      end

      # When the output goes elsewhere.
      def refresh
        @ids = [$stdout, $stderr].map(&:stat).select(&:file?).map { |stat| id(stat) }.uniq
      end

      # @param records [Array] with paths
      # @return [Array] those that are about other files, or about where a file is
      def without(records)
        return records if @ids.empty?

        records.reject { |record| record.type != :renamed && record.path && own?(record.path) }
      end

      private

      # By device and inode: it may have several names.
      def own?(path)
        return false unless @ids.include?(id(File.stat(path)))

        @notices.say("#{path} is not reported: the output is written to it") unless @told.include?(path)
        @told |= [path]
        true
      rescue SystemCallError
        false
      end

      def id(stat) = [stat.dev, stat.ino]
    end
  end
end
