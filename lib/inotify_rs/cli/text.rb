# frozen_string_literal: true

module Inotify
  module CLI
    # Text for people: names of files, which are any bytes except for NUL and slash, numbers, and escapes for terminals.
    # @api private
    module Text
      # A terminal obeys these instead of showing them: control characters, and changes of the direction of writing.
      UNSEEN = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/
      COLORS = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 }.freeze
      # Empties the terminal's screen, and forgets the lines before it.
      CLEAR = "\e[H\e[2J\e[3J"
      private_constant :UNSEEN, :COLORS, :CLEAR

      module_function

      # @param bytes [String]
      # @return [String] UTF-8 for a terminal, where other bytes and control characters are `\x1B`
      def visible(bytes)
        utf8(bytes).scrub { |invalid| hex(invalid) }.gsub(UNSEEN) { |unseen| hex(unseen) }
      end

      # @return [String] the same bytes marked as UTF-8, whether they are valid or not
      def utf8(bytes) = bytes.dup.force_encoding(Encoding::UTF_8)

      # @return [String] `1 directory`, `2 directories`
      def count(number, one, many = "#{one}s") = "#{number} #{number == 1 ? one : many}"

      # @param color [Symbol]
      def paint(text, color) = "\e[#{COLORS.fetch(color)}m#{text}\e[m"

      # @param option [Boolean, nil] the value of `--color`; nil: colours on a terminal, unless NO_COLOR is set
      def color?(option, io)
        return option unless option.nil?

        escapes?(io) && ENV.fetch("NO_COLOR", "").empty?
      end

      # Clears the screen of a terminal.
      def clear(io)
        io.write(CLEAR) if escapes?(io)
        io.flush
      end

      # @return [Boolean] whether it is a terminal that obeys escapes
      def escapes?(io) = io.tty? && ENV["TERM"] != "dumb"

      def hex(bytes) = bytes.bytes.map { |byte| format("\\x%02X", byte) }.join
      private_class_method :hex
    end
  end
end
