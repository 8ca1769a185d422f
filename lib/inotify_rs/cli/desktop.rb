# frozen_string_literal: true

module Inotify
  module CLI
    # Notifications of the desktop, by notify-send(1).
    # @api private
    class Desktop
      # @param notices [Notices] for what is wrong with it
      def initialize(notices)
        @notices = notices
      end

      # @param urgent [Boolean]
      def tell(text, urgent:)
        pid = spawn("notify-send", "--urgency", urgent ? "critical" : "low", "inotify_rs", text,
                    in: File::NULL, out: File::NULL, err: File::NULL)
        Process.detach(pid)
      rescue SystemCallError
        @notices.error("--notify needs the program notify-send") unless @told
        @told = true
      end
    end
  end
end
