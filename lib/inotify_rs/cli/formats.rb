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

      # A `--format`: text with `{field}` in it, `{time:%H:%M}` as in strftime(3), `{{` and `}}` for braces, and `\n`,
      # `\t`, `\e`, `\0`, `\\`.
      # @api private
      class Template
        PART = /(?<brace>\{\{|\}\})|\{(?<field>[a-z_]+)(?::(?<style>[^}]*))?\}|\\(?<escape>[nte0\\])/
        ESCAPES = { "n" => "\n", "t" => "\t", "e" => "\e", "0" => "\0", "\\" => "\\" }.freeze
        private_constant :PART, :ESCAPES

        # @param text [String]
        # @param fields [Array<Symbol>] the known ones
        # @raise [Failure] for an unknown field
        def initialize(text, fields)
          @fields = fields
          @parts = parse(text.b)
        end

        # @return [String] bytes
        def call(record)
          @parts.inject("".b) { |line, part| line << (part.is_a?(Proc) ? part.call(record).b : part) }
        end

        private

        def parse(text)
          parts = []
          until text.empty?
            before, _, text = text.partition(PART)
            parts << before
            parts << part(Regexp.last_match) if Regexp.last_match
          end
          parts
        end

        def part(match)
          return ESCAPES.fetch(match[:escape]) if match[:escape]
          return match[:brace][0] if match[:brace]

          field(match[:field].to_sym, match[:style])
        end

        def field(field, style)
          return time(style) if field == :time && style
          return ->(record) { value(record, field) } if @fields.include?(field) && !style

          raise Failure.usage("--format has no field {#{field}}; the fields are #{@fields.join(", ")}")
        end

        def time(style)
          Time.now.strftime(style)
          ->(record) { record.time.strftime(style) }
        rescue ArgumentError, SystemCallError
          raise Failure.usage("{time:} in --format takes a format of strftime(3), such as %H:%M, not #{style.inspect}")
        end

        def value(record, field)
          value = record.public_send(field)
          case value
          when Time then Records.timestamp(value)
          when Array then value.join("|")
          when Integer then field == :mask ? "0x#{value.to_s(16)}" : value.to_s
          else value.to_s.b
          end
        end
      end

      # A JSON object for each record. JSON is Unicode, so a name that is not UTF-8 has its bytes in another member:
      # `"path":"caf\uFFFD","path_base64":"Y2Fm6Q=="`.
      # @api private
      class JsonLines
        # @param fields [Array<Symbol>]
        def initialize(fields)
          require "json"
          @fields = fields
        end

        # @return [String]
        def call(record)
          members = @fields.each_with_object({}) do |field, found|
            value = record.public_send(field)
            Records::NAMES.include?(field) && value ? name(found, field, value) : found[field] = plain(value)
          end
          JSON.generate(members.compact)
        end

        private

        def name(members, field, bytes)
          text = Text.utf8(bytes)
          members[field] = text.scrub
          members[:"#{field}_base64"] = [bytes].pack("m0") unless text.valid_encoding?
        end

        def plain(value) = value.is_a?(Time) ? Records.timestamp(value) : value
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
