# frozen_string_literal: true

# Interrupts where Ruby lets them in: at the end of a method or block of the library, or of a call in it. First at the
# first one, then at the second, and so on.
module Strikes
  class Struck < StandardError
  end

  # One interrupt, at the end with this number.
  class Strike
    LIB = File.expand_path("../../lib", __dir__)

    def initialize(number)
      @left = number
    end

    def struck? = @left.negative?

    # Runs the block, which this may end.
    def during(&block)
      thread = Thread.current
      ends = TracePoint.new(:return, :b_return, :c_return) do |at|
        strike if Thread.current == thread && at.path.start_with?(LIB) && !raising?(at.self)
      end
      ends.enable(&block)
    rescue Struck
      nil
    end

    private

    # The making of an exception can't be interrupted in this manner.
    def raising?(maker) = maker.is_a?(Exception) || (maker.is_a?(Class) && maker <= Exception)

    def strike
      return if struck?

      @left -= 1
      # Waits for the end of a Thread.handle_interrupt, as those of other threads do.
      Thread.current.raise(Struck) if struck?
    end
  end

  # Yields strikes until one finds nothing to strike at. Returns what the block returned to each of the others.
  def each_strike
    results = []
    loop do
      result = yield(strike = Strike.new(results.size))
      return results unless strike.struck?

      results << result
    end
  end
end

RSpec.configure { |config| config.include Strikes }
