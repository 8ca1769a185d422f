# frozen_string_literal: true

require "c_extension"

module Peers
  # The C extension with a block of two parameters.
  class CNames
    def initialize(path, mask)
      @fd = CExtension.init
      CExtension.add_watch(@fd, path, mask)
    end

    def drain(total)
      count = bytes = 0
      while count < total
        got = CExtension.watch(@fd, QUIET) { |_event, name| bytes += name.bytesize }
        got.zero? ? break : count += got
      end
      [count, bytes]
    end

    def forever
      loop { CExtension.watch(@fd) { |_event, _name| yield } }
    end

    def poll = CExtension.watch(@fd, 0) { |_event, _name| nil }
  end

  # The C extension with a block of one parameter.
  class CEvents < CNames
    def drain(total)
      count = 0
      last = nil
      while count < total
        got = CExtension.watch(@fd, QUIET) { |event| last = event }
        got.zero? ? break : count += got
      end
      [count, count * last&.name.to_s.bytesize]
    end

    def forever
      loop { CExtension.watch(@fd) { |_event| yield } }
    end
  end
end
