# frozen_string_literal: true

module Inotify
  module CLI
    # Lines for people. On a terminal, names are shown as far as they can be; elsewhere they are the bytes they are.
    # @api private
    class Text
      COLORS = { created: :green, modified: :yellow, deleted: :red, renamed: :blue, attributes: :magenta,
                 written: :yellow, touched: :magenta, existing: nil }.freeze
      private_constant :COLORS

      # @return [String] `1 directory`, `2 directories`
      def self.count(number, one, many = "#{one}s") = "#{number} #{number == 1 ? one : many}"

      # @param visibly [Boolean] whether names are made fit for a terminal
      # @param color [Boolean]
      def initialize(visibly:, color:)
        @visibly = visibly
        @color = color
      end

      # @return [String] bytes
      def call(record)
        record.is_a?(Records::Event) ? event(record) : change(record)
      end

      private

      # `created    app/models/`
      def change(record)
        color = COLORS.fetch(record.type)
        type = record.type.to_s.ljust(10)
        type = Color.paint(type, color) if @color && color
        paths = [record.from, record.path].compact.map { |path| name(path) }.join(" -> ".b)
        "#{type} ".b << paths << (record.directory ? "/" : "")
      end

      # `wd: 1, mask: 0x100, cookie: 0, len: 16, name: "new", path: "/tmp/new", flags: create`
      def event(record)
        flags = record.flags.join("|")
        flags = Color.paint(flags, :green) if @color
        numbers = "wd: #{record.wd}, mask: 0x#{record.mask.to_s(16)}, cookie: #{record.cookie}, len: #{record.len}"
        "#{numbers}, name: #{quoted(record.name)}, path: #{quoted(record.path)}, flags: #{flags}".b
      end

      def name(path) = (@visibly ? Names.visible(path) : path).b

      def quoted(name) = Names.utf8(name || "").inspect
    end
  end
end
