# frozen_string_literal: true

require "rbconfig"

module Inotify
  module CLI
    # The terminal that is the standard input. COMMAND gets it while it runs: its process group is then the foreground
    # group, the only one that may read, and the one that gets the signals of keys. See ioctl_tty(2) and credentials(7).
    # @api private
    class Terminal
      # The numbers of TCGETS, TCSETSW, TIOCGPGRP and TIOCSPGRP.
      NUMBERS = { /mips/ => [0x540D, 0x540F, 0x40047477, 0x80047476],
                  /powerpc|ppc/ => [0x402C7413, 0x802C7415, 0x40047477, 0x80047476],
                  // => [0x5401, 0x5403, 0x540F, 0x5410] }.freeze
      CALLS = %i[get_modes set_modes get_group set_group].zip(
        NUMBERS.find { |cpu, _| cpu.match?(RbConfig::CONFIG["host_cpu"]) }.last
      ).to_h.freeze
      # ICANON and ECHO, in the fourth number of a struct termios.
      KEYWISE = RbConfig::CONFIG["host_cpu"].match?(/powerpc|ppc/) ? 0x108 : 0xA
      # More than a struct termios has on any machine.
      MODES_SIZE = 256
      private_constant :NUMBERS, :CALLS, :KEYWISE, :MODES_SIZE

      # Gives a terminal back after its owner was killed while a process group had it, or while keys were read. The
      # guard of that group calls it in another ruby.
      #
      # @param group [Integer] nothing is done unless it or the owner is in the foreground
      # @param owner [Integer] the group that gets the terminal
      # @param modes [String] in hexadecimal digits
      def self.give_back(group, owner, modes)
        trap("TTOU", "IGNORE")
        terminal = new(File.open("/dev/tty", "r+"))
        return unless [group, owner].include?(terminal.foreground)

        terminal.modes = [modes].pack("H*")
        terminal.foreground = owner
      rescue SystemCallError
        # It is closed, or the owner has ended.
      end

      # @return [IO]
      attr_reader :io

      # @param io [IO]
      def initialize(io)
        @io = io
        @first = @own = modes
      end

      # @return [Integer, nil] the process group in the foreground; nil for the terminal of another session
      def foreground = get(:get_group, 4).unpack1("i")

      def foreground=(group)
        @io.ioctl(CALLS[:set_group], [group].pack("i"))
      end

      # @return [String] the bytes of its struct termios
      def modes = get(:get_modes, MODES_SIZE)

      def modes=(bytes)
        @io.ioctl(CALLS[:set_modes], bytes.dup)
      end

      # @return [Array<String>] the last two arguments of {.give_back}
      def to_arguments = [Process.getpgrp.to_s, @first.unpack1("H*")]

      # @return [Boolean] whether this process is in the foreground
      def ours?
        foreground == Process.getpgrp
      rescue SystemCallError
        false
      end

      # @return [Boolean] whether COMMAND has it
      def lent? = @lent

      # Makes each key readable at once, without showing it, while this process is in the foreground.
      #
      # @return [Boolean] whether keys can be read
      def listen
        return false if @lent || !ours?

        unless @listening
          @own = modes
          flags = @own.unpack("L4")
          self.modes = [*flags.take(3), flags.last & ~KEYWISE].pack("L4") << @own.byteslice(16..)
          @listening = true
        end
        true
      rescue SystemCallError
        false
      end

      # Makes lines readable again, and shows them.
      def unlisten
        return unless @listening

        @listening = false
        in_background { self.modes = @own }
      rescue SystemCallError
        # It is closed.
      end

      # Lends it to a process group, unless this process is in the background.
      #
      # @param group [Integer]
      # @param modes [String, nil] the modes that the group had when it was stopped
      def lend(group, modes = nil)
        return unless ours?

        unlisten
        @own = self.modes
        self.modes = modes if modes
        self.foreground = group
        @lent = true
      rescue SystemCallError
        # It is closed: SIGHUP follows.
      end

      # Takes it back, with the modes it had before.
      #
      # @return [String, nil] the modes that the group left
      def reclaim
        return unless @lent

        @lent = false
        left = modes
        in_background { self.foreground = Process.getpgrp }
        self.modes = @own
        left
      rescue SystemCallError
        # It is closed.
      end

      private

      def get(call, size)
        bytes = "\0".b * size
        @io.ioctl(CALLS[call], bytes)
        bytes
      end

      # In the background, this would stop the process.
      def in_background
        before = trap("TTOU", "IGNORE")
        yield
      ensure
        trap("TTOU", before)
      end
    end
  end
end
