# frozen_string_literal: true

module Inotify
  # What a block asks for.
  # @api private
  module Arity
    # Whether a block takes a name beside the event: it must ask for two values. `&:symbol` and `|*all|` do not.
    def self.pairs?(block) = block.arity > 1 || block.arity < -2
  end
  private_constant :Arity
end
