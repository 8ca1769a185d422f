# frozen_string_literal: true

require_relative "patterns"

module Inotify
  module Internal
    # Decides which paths a {Watcher} includes. The native thread matches patterns; predicates, Regexps and callables,
    # are called here, where changes are taken.
    # @api private
    class Filter
      # @param roots [Array<String>] the watched paths
      # @param only [Object, Array] a pattern, Regexp or callable, or several; nil: all files
      # @param ignore [Object, Array] the same; nil: nothing
      # @raise [TypeError] anything else
      # @raise [ArgumentError] a pattern that can never match
      def initialize(roots, only, ignore)
        patterns = Patterns.new(roots)
        @sentences = []
        @only_patterns, @only = split(patterns, :only, only)
        @ignore_patterns, @ignore = split(patterns, :ignore, ignore)
        @pattern_set = PatternSet.new(@only_patterns) unless @only.empty? || @only_patterns.empty?
        @given = roots.to_h { |root| [below(root), true] }
      end

      # @return [Hash] the options of the native thread
      def options
        {
          only: @only.empty? && !@only_patterns.empty? ? @only_patterns : nil,
          ignore: @ignore_patterns.empty? ? nil : @ignore_patterns,
          files_only: !@only.empty?, ignore_predicates: ignores?, predicates: predicates?, sentences: @sentences
        }
      end

      # @param roots [Array<String>] those of the given roots that are not a part of another one
      def roots=(roots)
        @roots = roots.map { |root| below(root) }.sort_by { |root| -root.size }
      end

      # @return [WatcherThread] knows which fibers call a predicate, and gets the errors that predicates raise
      attr_writer :thread

      # Whether predicates decide which directories are watched.
      def ignores? = !@ignore.empty?

      # Whether there are predicates.
      def predicates? = ignores? || !@only.empty?

      # @return [Boolean] whether a path is included. A root is, and so is a path for which a predicate raises
      def include?(path, directory)
        return true if @thread.asking?

        relative = relative(path)
        relative.nil? || @thread.ask { decide(path, relative, directory) }
      rescue StandardError, ScriptError, SystemStackError => e
        @thread.report(filter_error(path, e))
        true
      end

      # @return [Array<Change>] the included ones; a rename from or to an ignored path becomes a creation or removal
      def select(changes) = changes.filter_map { |change| included_part(change) }

      private

      def filter_error(path, cause)
        message = "a filter raised #{cause.class} for #{path.inspect}, which is included: #{cause.message}"
        raise FilterError.new(message, path), cause: cause
      rescue FilterError => e
        e
      end

      def decide(path, relative, directory)
        path = readable(path)
        return false if @ignore.any? { |predicate| predicate.call(path, relative) }

        directory || @only.empty? || @pattern_set&.match?(relative) ||
          @only.any? { |predicate| predicate.call(path, relative) }
      end

      # @return [Array(Array<String>, Array<#call>)] the patterns, and the predicates
      def split(patterns, name, filters)
        filters = [filters].flatten.compact
        strings, others = filters.partition { |filter| filter.is_a?(String) }
        describe(name, strings, others)
        [strings.map { |string| patterns.relative(string) }, others.map { |filter| predicate(name, filter) }]
      end

      # What the native thread does not know, for checkpoints. Callables cannot be compared.
      def describe(name, strings, others)
        @sentences.concat(others.map { |it| "#{name}: #{it.is_a?(Regexp) ? it.inspect : "a callable"}" })
        # The thread gets no patterns that are matched together with predicates.
        @sentences.concat(strings.map { |it| "#{name}: #{it}" }) if name == :only && others.any?
      end

      # @return [#call] gets a path, and the path relative to the root
      def predicate(name, filter)
        return ->(_path, relative) { match?(filter, relative) } if filter.is_a?(Regexp)
        return ->(path, _relative) { filter.call(path) } if filter.respond_to?(:call)

        raise TypeError, "#{name} takes patterns such as \"**/*.rb\", Regexps and callables, not #{filter.inspect}"
      end

      # A Regexp matches no broken String, and one with letters beyond ASCII none of another encoding.
      def match?(regexp, bytes)
        return regexp.match?(readable(bytes)) unless regexp.fixed_encoding?

        text = bytes.dup.force_encoding(regexp.encoding)
        regexp.match?(text.valid_encoding? ? text : text.scrub)
      end

      # @return [String] the same bytes, in an encoding in which they are valid
      def readable(path)
        return path if path.valid_encoding? && path.encoding != Encoding::BINARY

        utf8 = path.dup.force_encoding(Encoding::UTF_8)
        utf8.valid_encoding? ? utf8 : path.b
      end

      def included_part(change)
        included = include?(change.path, change.directory?)
        return (change if included) unless change.renamed?

        was_included = include?(change.from, change.directory?)
        return (change if included) if included == was_included

        path = included ? change.path : change.from
        Change.__send__(:build, included ? :created : :deleted, path, change.directory?, change.rescanned?)
      end

      # @return [String, nil] the bytes of the path from its root on; nil for a root
      def relative(path)
        bytes = below(path)
        return if @given.key?(bytes)

        root = @roots.find { |it| bytes.start_with?("#{it}/") }
        root ? bytes.delete_prefix("#{root}/") : bytes
      end

      # What a slash and a name can be added to: the bytes without slashes at the end.
      def below(path) = path.b.sub(%r{/+\z}n, "")
    end
  end
end
