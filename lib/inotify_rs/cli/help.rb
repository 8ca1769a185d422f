# frozen_string_literal: true

module Inotify
  module CLI
    # The text of `--help`.
    # @api private
    module Help
      # How wide the column of names is.
      COLUMN = 23
      private_constant :COLUMN

      module_function

      # @param page [Options::Page]
      # @return [String]
      def text(page)
        lists = page.sections.map { |title, options| "#{title}:\n#{list(options)}" }
        "#{page.head}#{lists.join}#{list([Options::HELP, Options::VERSION])}\n#{page.tail}"
      end

      def list(options) = options.map { |option| entry(option) }.join
      private_class_method :list

      # A name that is too long for its column has a line of its own.
      def entry(option)
        names = option.names.join(", ")
        names = "    #{names}" if names.start_with?("--")
        help = option.help.lines(chomp: true)
        help.unshift("") if names.length > COLUMN
        help.zip([names]).map { |line, left| "  #{left.to_s.ljust(COLUMN)} #{line}".rstrip << "\n" }.join
      end
      private_class_method :entry
    end
  end
end
