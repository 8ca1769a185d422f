# frozen_string_literal: true

module Inotify
  # Which paths a {Watcher} tells of. Patterns are matched by the native thread; Regexps and callables here, where
  # changes are taken.
  # @api private
  class Filter
    # @param roots [Array<String>] the watched paths
    # @param only [Object, Array] a pattern, Regexp or callable, or several; nil: all files
    # @param ignore [Object, Array] the same; nil: nothing
    # @raise [TypeError] anything else
    def initialize(roots, only, ignore)
      @roots = roots.map { |root| "#{root.b.chomp("/")}/" }.sort_by { |root| -root.size }
      @only_patterns, @only = split(:only, only)
      @ignore_patterns, @ignore = split(:ignore, ignore)
      @globs = Globs.new(@only_patterns) unless @only.empty? || @only_patterns.empty?
    end

    # @return [Hash] what the native thread is to do
    def options
      {
        only: @only.empty? && !@only_patterns.empty? ? @only_patterns : nil,
        ignore: @ignore_patterns.empty? ? nil : @ignore_patterns,
        files_only: !@only.empty?, judged: judges?
      }
    end

    # Whether directories are judged here before they are entered.
    def judges? = !@ignore.empty?

    # Whether changes are to be filtered here.
    def filters? = judges? || !@only.empty?

    # @return [Boolean] whether what is at a path counts
    def counts?(path, directory)
      readable = path.valid_encoding? ? path : path.scrub
      return false if @ignore.any? { |judge| judge.call(readable) }

      directory || @only.empty? || asked_for?(path, readable)
    end

    # @return [Array<Change>] those that count; a rename from or to what doesn't is a creation or removal
    def apply(changes) = changes.filter_map { |change| conclude(change) }

    private

    def asked_for?(path, readable)
      @globs&.match?(relative(path)) || @only.any? { |judge| judge.call(readable) }
    end

    # @return [Array(Array<String>, Array<#call>)] the patterns, and what decides by itself
    def split(name, filters)
      filters = [filters].flatten.compact
      patterns, others = filters.partition { |filter| filter.is_a?(String) }
      patterns.map! { |pattern| utf8(pattern) }
      [patterns, others.map { |filter| judge(name, filter) }]
    end

    def judge(name, filter)
      return filter.method(:match?) if filter.is_a?(Regexp)
      return filter if filter.respond_to?(:call)

      raise TypeError, "#{name} takes patterns such as \"**/*.rb\", Regexps and callables, not #{filter.inspect}"
    end

    def utf8(pattern)
      pattern = pattern.encode(Encoding::UTF_8)
      return pattern if pattern.valid_encoding?

      raise ArgumentError, "bad pattern #{pattern.inspect}: not UTF-8; a Regexp or callable can match any bytes"
    rescue EncodingError
      raise ArgumentError, "bad pattern #{pattern.inspect}: not to be had in UTF-8; use a Regexp or callable"
    end

    def conclude(change)
      counts = counts?(change.path, change.directory?)
      return (change if counts) unless change.renamed?

      counted = counts?(change.from, change.directory?)
      return (change if counts) if counts == counted

      path = counts ? change.path : change.from
      Change.__send__(:build, counts ? :created : :deleted, path, change.directory?, change.rescanned?)
    end

    def relative(path)
      bytes = path.b
      bytes.delete_prefix(@roots.find { |root| bytes.start_with?(root) } || "")
    end
  end
  private_constant :Filter
end
