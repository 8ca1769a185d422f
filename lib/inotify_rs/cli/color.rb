# frozen_string_literal: true

module Inotify
  module CLI
    # Escapes for terminals: colours, and an empty screen.
    # @api private
    module Color
      CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35 }.freeze
      # Where the terminal's screen is empty, and what was there before cannot be scrolled to.
      CLEAR = "\e[H\e[2J\e[3J"
      private_constant :CODES, :CLEAR

      module_function

      def paint(text, color) = "\e[#{CODES.fetch(color)}m#{text}\e[m"

      # @param wish [Boolean, nil] what was asked for; nil: on a terminal, unless NO_COLOR is set
      def wanted?(wish, io)
        return wish unless wish.nil?

        terminal?(io) && ENV.fetch("NO_COLOR", "").empty?
      end

      # Clears the screen, where there is one.
      def clear(io)
        io.write(CLEAR) if terminal?(io)
        io.flush
      end

      # @return [Boolean] whether it obeys escapes
      def terminal?(io) = io.tty? && ENV["TERM"] != "dumb"
    end
  end
end
