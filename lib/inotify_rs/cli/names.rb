# frozen_string_literal: true

module Inotify
  module CLI
    # Names of files, which are any bytes but NUL and slash.
    # @api private
    module Names
      # What a terminal would obey instead of showing it: control characters, and what turns the direction of writing.
      UNSEEN = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/
      private_constant :UNSEEN

      module_function

      # @param bytes [String]
      # @return [String] UTF-8 that can be shown, with what can't be as `\x1B`
      def visible(bytes)
        utf8(bytes).scrub { |invalid| hex(invalid) }.gsub(UNSEEN) { |unseen| hex(unseen) }
      end

      # @return [String] the same bytes taken for UTF-8, which they need not be
      def utf8(bytes) = bytes.dup.force_encoding(Encoding::UTF_8)

      def hex(bytes) = bytes.bytes.map { |byte| format("\\x%02X", byte) }.join
      private_class_method :hex
    end
  end
end
