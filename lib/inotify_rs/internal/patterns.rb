# frozen_string_literal: true

module Inotify
  module Internal
    # Makes patterns relative to the root.
    # @api private
    class Patterns
      # @param roots [Array<String>] the watched paths
      def initialize(roots)
        @roots = roots.map { |root| "#{File.expand_path(root).b.delete_suffix("/")}/" }.uniq
      end

      # @param pattern [String]
      # @return [String] its bytes; `./x` and absolute paths below the root begin with a slash, as gitignore(5) has it
      # @raise [ArgumentError] it can never match
      def relative(pattern)
        bytes = SystemPath.of(pattern).b
        negation = bytes.start_with?("!") ? "!" : ""
        body = bytes.delete_prefix("!")
        body = body.sub(%r{\A(?:\./+)+}n, "/") if body.start_with?("./")
        body = below_root(pattern, body)
        check(pattern, body)
        negation + body
      end

      private

      def below_root(pattern, body)
        root = @roots.find { |it| it != "/" && body.start_with?(it) }
        return body unless root
        return "/#{body.delete_prefix(root)}" if @roots.one?

        bad(pattern, "there are several roots: make it relative to them, or use a watcher for each root")
      end

      def check(pattern, body)
        bad(pattern, "it is the root itself") if body.match?(%r{\A(?:/|\./?)\z}n) || @roots.include?("#{body}/")
        return unless body.match?(%r{(?:\A|/)\.\.?(?:/|\z)|//}n)

        bad(pattern, "no path relative to the root has \"..\", \".\" or an empty name in it")
      end

      def bad(pattern, reason)
        raise ArgumentError, "bad pattern #{pattern.inspect}: #{reason}"
      end
    end
  end
end
