# frozen_string_literal: true

module INotify
  # The Symbols that stand for masks, and back.
  # @api private
  module Flags
    # In the order of {Event#flags}.
    ORDERED = %i[access attrib close_write modify close_nowrite open moved_from moved_to create delete delete_self
                 move_self close move onlydir dont_follow mask_add oneshot unmount q_overflow ignored isdir]
              .to_h { |flag| [flag, Inotify::Flags::BITS.fetch(flag)] }.freeze

    # What a watch takes in addition to {Inotify::Flags}: not of the kernel's.
    RECURSIVE = :recursive

    @flags = {}

    module_function

    # @param flags [Array<Symbol, String>]
    # @return [Integer]
    # @raise [ArgumentError] for an unknown one, with the known ones
    def to_mask(flags)
      Inotify::Flags.to_mask(*flags.map { |flag| flag.to_s.downcase.to_sym })
    end

    # @param mask [Integer]
    # @return [Array<Symbol>] with the helpers, `:close` and `:move`
    def from_mask(mask)
      (@flags[mask] ||= ORDERED.filter_map { |flag, bits| flag if mask.anybits?(bits) }.freeze).dup
    end
  end
  private_constant :Flags
end
