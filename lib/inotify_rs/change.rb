# frozen_string_literal: true

module Inotify
  # One change of one path, as a {Watcher} reports it. Frozen and shareable between Ractors.
  #
  # @!method type
  #   @return [Symbol] `:created`, `:modified`, `:deleted`, `:renamed`, `:attributes` or `:closed`
  # @!method path
  #   @return [String] the path it happened to, under the watched path as it was given, in the filesystem encoding; for
  #     a rename, the new one. A new String at each call
  # @!method from
  #   @return [String, nil] for a rename, the path before; its entries are below {#path} now
  # @!method directory?
  #   @return [Boolean] whether it is a directory
  # @!method rescanned?
  #   @return [Boolean] whether a scan found it, and no event reported it: entries of a new directory, and everything
  #     after an overflow
  class Change
    Internal.define_change

    # The keys of {#to_h}.
    FIELDS = %i[type path from directory rescanned].freeze
    private_constant :FIELDS

    private_class_method :build

    # @!group What happened

    # @return [Boolean] it exists now and did not before
    def created? = type == :created
    # @return [Boolean] its content changed, or may have changed
    def modified? = type == :modified
    # @return [Boolean] it does not exist any more
    def deleted? = type == :deleted
    # @return [Boolean] it has another path, and so have its entries
    def renamed? = type == :renamed
    # @return [Boolean] its permissions, owner, times or extended attributes changed
    def attributes? = type == :attributes
    # Only with `closed: true`. Comes after the changes that report the new content, in the same batch or a later one.
    # If several writers have the file open, it comes for the first that closes it, and again for the next if that wrote
    # later.
    #
    # @return [Boolean] the content at this path is complete: its writer has closed the file, or it was moved or linked
    #   here and nobody has it open for writing
    def closed? = type == :closed

    # @!endgroup

    # @return [Hash{Symbol => Object}] `{type:, path:, from:, directory:, rescanned:}`
    def to_h = { type: type, path: path, from: from, directory: directory?, rescanned: rescanned? }

    # For pattern matching: `case change in {type: :renamed, from:, path:}`.
    #
    # @param keys [Array<Symbol>, nil] the fields the pattern asks for
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(keys) = keys ? to_h.slice(*keys) : to_h

    # @return [Boolean] whether `other` is a change with the same fields
    def ==(other) = other.is_a?(Change) && to_h == other.to_h
    alias eql? ==

    # @return [Integer] the same for equal changes
    def hash = [Change, to_h].hash

    # A change never changes, so its copy is itself.
    # @return [Change]
    def dup = self

    # (see #dup)
    def clone(freeze: true) = self # rubocop:disable Lint/UnusedMethodArgument

    # @return [String] `#<Inotify::Change renamed "a" -> "b">`
    def inspect
      paths = [from, path].compact.map(&:inspect).join(" -> ")
      "#<#{self.class} #{type} #{paths}#{"/" if directory?}#{" rescanned" if rescanned?}>"
    end
    alias to_s inspect
  end
end
