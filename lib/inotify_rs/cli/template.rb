# frozen_string_literal: true

module Inotify
  module CLI
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
  end
end
