# frozen_string_literal: true

require "json"

module Inotify
  module CLI
    # A JSON object for each record. JSON is Unicode, so a name that is not UTF-8 has its bytes in another member:
    # `"path":"caf\uFFFD","path_base64":"Y2Fm6Q=="`.
    # @api private
    class JsonLines
      # @param fields [Array<Symbol>]
      def initialize(fields)
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
  end
end
