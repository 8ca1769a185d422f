# frozen_string_literal: true

require "optparse"

module Inotify
  module CLI
    # A set of options with what `--help` says before and after them.
    # @api private
    Page = Struct.new(:head, :sections, :tail, keyword_init: true) do
      # @return [Array<Options::Option>]
      def options = sections.values.flatten

      # Yields each option that is given and its value.
      #
      # @return [OptionParser]
      def parser(&block)
        OptionParser.new do |parser|
          parser.banner = head
          parser.summary_width = 23
          parser.summary_indent = "  "
          sections.each { |title, options| section(parser, title, options, &block) }
          add(parser, [Options::HELP, Options::VERSION], &block)
          parser.separator("\n#{tail}")
        end
      end

      private

      def section(parser, title, options, &block)
        parser.separator("#{title}:")
        add(parser, options, &block)
      end

      def add(parser, options)
        options.each do |option|
          parser.on(*option.names, *option.help.lines(chomp: true)) { |value| yield option.key, option.convert(value) }
        end
      end
    end
  end
end
