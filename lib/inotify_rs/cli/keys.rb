# frozen_string_literal: true

module Inotify
  module CLI
    # The keys that are typed while the terminal is not COMMAND's.
    # @api private
    class Keys
      HELP = "r runs COMMAND again, p pauses, c clears the screen, q quits"
      # Bytes that are read at once.
      MOST = 64
      private_constant :HELP, :MOST

      # @param control [JobControl]
      # @param runs [Runs]
      # @param notices [Notices]
      def initialize(control, runs, notices)
        @terminal = control.keyboard
        @runs = runs
        @notices = notices
      end

      # @return [Array<IO>] readable when a key is typed; empty while they are for others
      def ios
        @terminal&.listen ? [@terminal.io] : []
      end

      # Does what the keys that were typed ask for.
      #
      # @raise [Signals::Quit]
      def obey
        typed.each_char { |key| press(key) }
      end

      private

      def typed
        # Not read_nonblock: the terminal would not block for others either.
        ios.any? && IO.select(ios, nil, nil, 0) ? @terminal.io.sysread(MOST) : ""
      rescue SystemCallError, EOFError
        # It is closed: SIGHUP comes.
        ""
      end

      def press(key)
        case key
        when "r" then @runs.again
        when "p" then @notices.say(@runs.pause ? "paused; p goes on" : "goes on")
        when "c" then Color.clear($stdout)
        when "q" then raise Signals::Quit
        when "?", "h" then @notices.say(HELP)
        when "\n" then @notices.line_feed
        end
      end
    end
  end
end
