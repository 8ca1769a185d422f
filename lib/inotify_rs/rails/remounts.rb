# frozen_string_literal: true

module Inotify
  # What was mounted and unmounted since somebody asked last. No event of a directory tells that.
  # @api private
  class Remounts
    # From here on another instance watches: what it watches first can't be compared by wds with what there was before.
    def start_over = @strange = true

    # Has looked at again what may be another directory or file because of what is mounted.
    #
    # @param posts [Posts]
    # @param subjects [Array<Subject>]
    # @return [Boolean] whether somebody is to look
    def heed(posts, subjects)
      paths = posts.remounted
      subjects.each { |subject| subject.watched.each { |watched| watched.remounted(paths, posts) } } if paths.any?
      compare(posts.mounted, subjects)
      warn_of(posts.mounts_failure)
      paths.any?
    end

    private

    def compare(mounted, subjects)
      before = @mounted if @strange
      @mounted = mounted
      @strange = false
      return unless before

      paths = (before.to_a - mounted.to_a).to_h.keys | (mounted.to_a - before.to_a).to_h.keys
      subjects.each { |subject| subject.change if subject.watched.any? { |watched| watched.concerned?(paths) } }
    end

    # Once for as long as it lasts.
    def warn_of(failure)
      message = "Inotify::FileUpdateChecker does not notice what is mounted or unmounted, and tries again each time " \
                "it is asked: #{failure&.message}"
      warn(message) if failure && !@warned
      @warned = !failure.nil?
    end
  end
  private_constant :Remounts
end
