# frozen_string_literal: true

module Inotify
  module Rails
    # Which files count in a directory that a {FileUpdateChecker} is given.
    # @api private
    class Extensions
      # @param extensions [Array<String, Symbol>, String, Symbol, nil] with or without the dot; none: all files
      # @raise [TypeError] anything else
      # @raise [ArgumentError] an empty one
      def initialize(extensions)
        @endings = list(extensions).map { |extension| ending(extension) }.uniq
      end

      # @return [Array<String>] how the names of the files end, as bytes; empty: all files count
      attr_reader :endings

      # Those of both.
      def |(other)
        all = [endings, other.endings]
        Extensions.new(all.any?(&:empty?) ? [] : all.flatten)
      end

      private

      def list(extensions)
        case extensions
        when nil then []
        when String, Symbol then [extensions]
        else extensions.respond_to?(:to_a) ? extensions.to_a : refuse(extensions)
        end
      end

      def ending(extension)
        refuse(extension) unless extension.is_a?(String) || extension.is_a?(Symbol)
        name = extension.to_s.delete_prefix(".")
        raise ArgumentError, "an extension is empty; to include all files, give none" if name.empty?

        ".#{name}".b
      end

      def refuse(extension)
        raise TypeError, "extensions are Strings or Symbols such as \"rb\" or :yml, not #{extension.inspect}"
      end
    end
  end
end
