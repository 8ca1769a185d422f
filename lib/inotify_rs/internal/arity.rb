# frozen_string_literal: true

module Inotify
  module Internal
    # The parameters of blocks.
    # @api private
    module Arity
      POSITIONAL = %i[req opt].freeze
      private_constant :POSITIONAL

      # Whether a block takes an event and its name: it has two parameters, of which the second may be optional.
      # `&:symbol` and `|*all|` have not. Proc#arity cannot be used: it is 1 for `|event|` and `|event, name = nil|`.
      def self.pairs?(block) = block.parameters.count { |kind, _| POSITIONAL.include?(kind) } > 1
    end
  end
end
