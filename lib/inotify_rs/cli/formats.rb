# frozen_string_literal: true

module Inotify
  module CLI
    # Makes bytes of records.
    # @api private
    module Formats
      # Makes bytes of many records, by a format that makes one line of one record.
      class Printer
        # @param settings [Settings]
        # @param default [#call] the format unless an option asks for another
        # @raise [Failure] a `--format` with an unknown field
        def self.for(settings, default)
          fields = settings[:events] ? KernelEvents::FIELDS : Records::CHANGE_FIELDS
          format = if settings[:format] then Template.new(settings[:format], fields | Records::PARTS)
                   elsif settings[:json] then JsonLines.new(fields)
                   else
                     settings[:null] ? PATHS : default
                   end
          new(format, settings[:null] ? "\0" : "\n")
        end

        # @param format [#call]
        # @param terminator [String] ends each line
        def initialize(format, terminator)
          @format = format
          @terminator = terminator
        end

        # @return [String] bytes
        def call(records)
          records.inject("".b) { |bytes, record| bytes << @format.call(record).b << @terminator }
        end
      end

      # Only the path, byte by byte.
      PATHS = ->(record) { record.path.to_s.b }

      # Lines for people. On a terminal, names are made visible; elsewhere they are printed byte by byte.
      class Lines
        COLORS = { created: :green, modified: :yellow, deleted: :red, renamed: :blue, attributes: :magenta,
                   closed: :cyan, written: :yellow, touched: :magenta, existing: nil }.freeze
        private_constant :COLORS

        # @param visibly [Boolean] whether names are made visible, see {Text.visible}
        # @param color [Boolean]
        def initialize(visibly:, color:)
          @visibly = visibly
          @color = color
        end

        # @return [String] bytes
        def call(record)
          record.type == :event ? event(record) : change(record)
        end

        private

        # `created    app/models/`
        def change(record)
          color = COLORS.fetch(record.type)
          type = record.type.to_s.ljust(10)
          type = Text.paint(type, color) if @color && color
          paths = [record.from, record.path].compact.map { |path| name(path) }.join(" -> ".b)
          "#{type} ".b << paths << (record.directory ? "/" : "")
        end

        # `wd: 1, mask: 0x100, cookie: 0, len: 16, name: "new", path: "/tmp/new", flags: create`
        def event(record)
          flags = record.flags.join("|")
          flags = Text.paint(flags, :green) if @color
          numbers = "wd: #{record.wd}, mask: 0x#{record.mask.to_s(16)}, cookie: #{record.cookie}, len: #{record.len}"
          "#{numbers}, name: #{quoted(record.name)}, path: #{quoted(record.path)}, flags: #{flags}".b
        end

        def name(path) = (@visibly ? Text.visible(path) : path).b

        def quoted(name) = Text.utf8(name || "").inspect
      end
    end
  end
end
