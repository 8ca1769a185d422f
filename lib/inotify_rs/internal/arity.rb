# frozen_string_literal: true

module Inotify
  module Internal
    # What a block asks for.
    # @api private
    module Arity
      POSITIONAL = %i[req opt].freeze
      private_constant :POSITIONAL

      # Whether a block takes a name beside the event: it must have two parameters, be the second optional. `&:symbol`
      # and `|*all|` do not. Its arity does not tell: it is 1 for both `|event|` and `|event, name = nil|`.
      def self.pairs?(block) = block.parameters.count { |kind, _| POSITIONAL.include?(kind) } > 1
    end
  end
end
