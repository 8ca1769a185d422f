# frozen_string_literal: true

require_relative "internal/limit_usage"

module Inotify
  # A limit of inotify(7), "/proc interfaces", as it was when it was asked for.
  class Limit
    # @return [String] its name, as sysctl(8) takes it
    attr_reader :sysctl
    # @return [Integer, nil] its value where this process runs; nil where /proc has none
    attr_reader :value
    # @return [Integer, nil] how much of it is used by those processes of this user that this process may inspect; nil
    #   for a limit of each instance
    attr_reader :used

    # @api private
    def initialize(sysctl, value, used)
      @sysctl = sysctl
      @value = value
      @used = used
      freeze
    end

    # @return [Hash{Symbol => Object}] `{sysctl:, value:, used:}`
    def to_h = { sysctl: sysctl, value: value, used: used }

    # For pattern matching: `case limit in {value:, used:}`.
    #
    # @param _keys [Array<Symbol>, nil] the fields the pattern asks for
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys) = to_h

    # @return [String] `#<Inotify::Limit fs.inotify.max_user_watches=65536 used=12>`
    def inspect = "#<#{self.class} #{sysctl}=#{value.inspect}#{" used=#{used}" if used}>"
    alias to_s inspect
  end
end
